// An account whose functions and batch job are the bundles that a stage deploys, each in a process of its own. The state machines
// run on the interpreter, behind the wire of Step Functions; the other servers are those of its environment.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteMessageCommand, type Message, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { InterpreterStateMachines, SqliteLedger } from "@steward/adapters";
import { createSqsClient } from "@steward/adapters/aws";
import { type Json, type Settings, StewardError, toSettings } from "@steward/core";
import { PORT_VARIABLES, type PortName } from "@steward/functions/_account/environment.ts";
import { buildWorkflows, fileOfTask, TASKS, WORKFLOWS } from "@steward/workflows/inventory.ts";
import { z } from "zod";
import { LOCAL_RESOURCES } from "../../packages/local/src/tasks.ts";
import { bundleFunctions, folderOf } from "../../scripts/function-bundles.ts";
import { ensureNative, nativeFolder } from "../../scripts/native-packages.ts";
import NEEDS from "../../stacks/needs.json" with { type: "json" };
import { awsOptions } from "./aws-resources.ts";
import { type BundleProcess, startBundle } from "./bundle-process.ts";
import { type GlueJob, type JobRun, openGlueJob } from "./glue-job.ts";
import { openStepFunctionsEndpoint, STATE_MACHINE_ARN_PREFIX } from "./step-functions-endpoint.ts";

export interface BundleAccount {
  /** The answer of the function of that name: `api/groups-list`. Its process lives on. */
  call(name: string, event: unknown): Promise<unknown>;
  /** The same of a process that ends with it. */
  callOnce(name: string, event: unknown): Promise<unknown>;
  /** The functions whose processes live. */
  called(): ReadonlySet<string>;
  /** The runs of the batch job that have ended. */
  readonly jobs: readonly JobRun[];
  /** What all functions have written to their logs. */
  logs(): Promise<string>;
  /** Once the execution has ended. */
  settled(workflow: string, execution: string): Promise<void>;
  close(): Promise<void>;
}

type Variables = Readonly<Record<string, string>>;

const BATCH = "batch/run-batch";
const WORKER = "writing/write-chunks";
const FILE_PORTS: readonly PortName[] = ["batchEngine", "erasureFiles", "offlineFiles"];
const CPU = process.arch === "arm64" ? "arm64" : "x64";
const NATIVE = join(nativeFolder(CPU), "nodejs/node_modules");

/** `environment`: all that there is to set (account-environment.ts). */
export async function openBundleAccount(
  environment: Variables,
  settings: Partial<Settings> = {},
): Promise<BundleAccount> {
  // Not in the project, whose packages lie above its own bundles.
  const folder = mkdtempSync(join(tmpdir(), "steward-account-"));
  ensureNative(CPU);
  await bundleFunctions(join(folder, "functions"));
  const variables: Record<string, string> = {
    ...environment,
    STEWARD_SETTINGS: JSON.stringify(toSettings(settings)),
  };
  const job = await openGlueJob({
    folder,
    bundle: join(folder, "functions", folderOf(BATCH)),
    native: NATIVE,
    environment: variablesOf(BATCH, variables),
    aws: variables,
  });
  const processes = new Map<string, Promise<BundleProcess>>();
  const call = async (name: string, event: unknown): Promise<unknown> => {
    const started = processes.get(name) ?? startFunction(folder, name, variables);
    processes.set(name, started);
    return (await started).call(event);
  };
  const machines = openMachines(join(folder, "executions.sqlite"), call, job);
  const endpoint = await openStepFunctionsEndpoint(machines);
  variables.AWS_ENDPOINT_URL_SFN = endpoint.url;
  const arns = WORKFLOWS.map((workflow) => [workflow, STATE_MACHINE_ARN_PREFIX + workflow]);
  variables.STEWARD_STATE_MACHINES = JSON.stringify(Object.fromEntries(arns));
  const source = pollChunks(variables, (event) => call(WORKER, event));
  return {
    call,
    async callOnce(name, event) {
      const started = await startFunction(folder, name, variables);
      return started.call(event).finally(() => started.kill());
    },
    called: () => new Set(processes.keys()),
    jobs: job.runs,
    async logs() {
      return (await Promise.all(processes.values())).map(({ log }) => log()).join("");
    },
    async settled(workflow, execution) {
      await machines.settled(workflow, execution);
    },
    async close() {
      await Promise.all([machines.close(), source.stop()]);
      await Promise.all([...processes.values()].map(async (started) => (await started).kill()));
      await Promise.all([endpoint.close(), job.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With the variables of its own ports and what Lambda gives. Written may be its own disk alone. */
function startFunction(folder: string, name: string, variables: Variables): Promise<BundleProcess> {
  const disk = join(folder, "disks", folderOf(name));
  mkdirSync(disk, { recursive: true });
  const hasFiles = portsOf(name).some((port) => FILE_PORTS.includes(port));
  const ofLambda = Object.entries(variables).filter(([variable]) => variable.startsWith("AWS_"));
  return startBundle({
    folder: join(folder, "functions", folderOf(name)),
    environment: {
      ...variablesOf(name, variables),
      ...(hasFiles && { NODE_PATH: NATIVE }),
      ...Object.fromEntries(ofLambda),
      TMPDIR: disk,
    },
    flags: [
      "--permission",
      "--allow-fs-read=*",
      `--allow-fs-write=${disk}`,
      ...(hasFiles ? ["--allow-addons"] : []),
    ],
  });
}

function portsOf(name: string): readonly PortName[] {
  const needs = (NEEDS as Readonly<Record<string, object>>)[name];
  if (needs === undefined) throw new Error(`stacks/needs.json has no function "${name}"`);
  return Object.keys(needs) as PortName[];
}

/** As stacks/function-environment.ts gives them. */
function variablesOf(name: string, variables: Variables): Variables {
  const ofPorts = portsOf(name).flatMap((port) =>
    PORT_VARIABLES[port].map((variable) => `STEWARD_${variable}`),
  );
  const names = new Set([...ofPorts, "STEWARD_SETTINGS"]);
  return Object.fromEntries(Object.entries(variables).filter(([variable]) => names.has(variable)));
}

/** Their executions are kept where no function sees them. */
function openMachines(file: string, call: BundleAccount["call"], job: GlueJob): InterpreterStateMachines {
  const functions = WORKFLOWS.flatMap((workflow) =>
    TASKS[workflow].map((task) => {
      const name = `${workflow}/${fileOfTask(task)}`;
      return [LOCAL_RESOURCES.functionOf(workflow, task), (input: Json) => invoke(call, name, input)];
    }),
  );
  return new InterpreterStateMachines({
    ledger: new SqliteLedger({ file }),
    machines: buildWorkflows(LOCAL_RESOURCES),
    tasks: Object.fromEntries([
      ...functions,
      [LOCAL_RESOURCES.runBatch, (input: Json) => runJob(job, input)],
    ]),
  });
}

/** What Step Functions keeps of a function's error: its name and its words, whatever they are. */
class FunctionFailure extends StewardError {
  override readonly name: string;
  override readonly retryable = false;

  constructor({ name, message }: Error) {
    super(message);
    this.name = name;
  }
}

async function invoke(call: BundleAccount["call"], name: string, input: Json): Promise<Json> {
  try {
    return (await call(name, withPlainCause(input))) as Json;
  } catch (error) {
    throw new FunctionFailure(error as Error);
  }
}

const caught = z.looseObject({
  error: z.object({ Error: z.literal("States.TaskFailed"), Cause: z.string() }),
});
const wrapped = z.object({ errorMessage: z.string() });

/** The cause of a job's failure is Glue's run itself; the interpreter has it as if a function had failed. */
function withPlainCause(input: Json): unknown {
  const found = caught.safeParse(input);
  if (!found.success) return input;
  const { errorMessage } = wrapped.parse(JSON.parse(found.data.error.Cause));
  return { ...found.data, error: { ...found.data.error, Cause: errorMessage } };
}

/** As `glue:startJobRun.sync`: the run itself, or an error that holds it, with the script's exception in Glue's words. */
async function runJob(job: GlueJob, input: Json): Promise<Json> {
  const { JobName, Arguments } = input as unknown as JobInput;
  const { exitCode, stderr } = await job.run(Arguments);
  if (exitCode === 0) return { JobName, JobRunState: "SUCCEEDED" };
  const exception = stderr.trim().split("\n").at(-1);
  const ErrorMessage = `Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 1; ${exception}`;
  const cause = JSON.stringify({ JobName, JobRunState: "FAILED", ErrorMessage });
  throw new FunctionFailure(Object.assign(new Error(cause), { name: "States.TaskFailed" }));
}

interface JobInput {
  readonly JobName: string;
  readonly Arguments: Readonly<Record<string, string>>;
}

/** What the event source mapping of the chunk queue does, one chunk at a time. */
function pollChunks(variables: Variables, work: (event: unknown) => Promise<unknown>) {
  const QueueUrl = variables.STEWARD_CHUNK_QUEUE_URL ?? "";
  const client = createSqsClient(awsOptions(variables.AWS_ENDPOINT_URL ?? ""));
  let isStopping = false;
  const poll = async (): Promise<void> => {
    while (!isStopping) {
      const receive = new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      });
      const [message] = (await client.send(receive)).Messages ?? [];
      if (message === undefined) continue;
      const { batchItemFailures } = (await work(toEvent(message))) as {
        readonly batchItemFailures: object[];
      };
      if (batchItemFailures.length > 0) continue;
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    }
  };
  const ended = poll();
  return {
    async stop() {
      isStopping = true;
      await ended;
      client.destroy();
    },
  };
}

/** As Lambda hands it to a function (Lambda guide, "Using Lambda with Amazon SQS", read 2026-11-22). */
function toEvent({ MessageId, ReceiptHandle, Body, Attributes }: Message) {
  const record = { messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes: Attributes };
  return { Records: [{ ...record, messageAttributes: {}, eventSource: "aws:sqs" }] };
}
