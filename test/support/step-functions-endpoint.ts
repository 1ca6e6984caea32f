// The four calls of Step Functions that Steward uses, in their wire form (awsJson1.0), over any StateMachines.
// It refuses as AWS does, also where the port underneath would not.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Execution, type Json, type StateMachines, StewardError } from "@steward/core";

export const STATE_MACHINE_ARN_PREFIX = "arn:aws:states:eu-west-1:123456789012:stateMachine:";
const EXECUTION_ARN_PREFIX = "arn:aws:states:eu-west-1:123456789012:execution:";

const STATUSES = {
  running: "RUNNING",
  succeeded: "SUCCEEDED",
  failed: "FAILED",
  timedOut: "TIMED_OUT",
  aborted: "ABORTED",
} as const;

type Body = Readonly<Record<string, string>>;

class WireError extends Error {
  readonly status: number;

  constructor(name: string, status = 400) {
    super(`the request was refused: ${name}`);
    this.name = name;
    this.status = status;
  }
}

export interface StepFunctionsEndpoint {
  readonly url: string;
  /** Every request as it came: the operation and its body. */
  readonly requests: readonly { readonly operation: string; readonly body: Body }[];
  /** Answers the next requests with these errors first, one each. */
  failNext(...errors: readonly { readonly name: string; readonly status: number }[]): void;
  close(): Promise<void>;
}

export async function openStepFunctionsEndpoint(machines: StateMachines): Promise<StepFunctionsEndpoint> {
  const requests: { operation: string; body: Body }[] = [];
  const failures: { name: string; status: number }[] = [];
  const operations = toOperations(machines);
  const server = createServer(async (request, response) => {
    try {
      const { operation, body } = await readRequest(request);
      requests.push({ operation, body });
      const failure = failures.shift();
      if (failure !== undefined) throw new WireError(failure.name, failure.status);
      const answer = operations[operation];
      if (answer === undefined) throw new WireError("UnknownOperationException");
      reply(response, 200, await answer(body));
    } catch (error) {
      const { name, status } = toWireError(error);
      reply(response, status, { __type: name, message: "refused" });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    failNext: (...errors) => failures.push(...errors),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function toOperations(machines: StateMachines): Record<string, (body: Body) => Promise<object>> {
  const inputs = new Map<string, string>();
  return {
    StartExecution: async ({ stateMachineArn = "", name = "", input = "{}" }) => {
      const machine = stateMachineArn.slice(STATE_MACHINE_ARN_PREFIX.length);
      const executionArn = `${EXECUTION_ARN_PREFIX}${machine}:${name}`;
      const earlier = inputs.get(executionArn);
      if (earlier !== undefined) {
        const { status } = await machines.describe(machine, name);
        if (status !== "running" || earlier !== input) throw new WireError("ExecutionAlreadyExists");
      }
      await renamed(machines.start(machine, name, JSON.parse(input) as Json), "StateMachineDoesNotExist");
      inputs.set(executionArn, input);
      return { executionArn, startDate: 1_764_000_000.123 };
    },
    DescribeExecution: async ({ executionArn = "" }) => {
      const execution = await describe(machines, executionArn);
      return toDescription(executionArn, inputs.get(executionArn) ?? "{}", execution);
    },
    StopExecution: async ({ executionArn = "", cause = "" }) => {
      const { machine, name } = await describe(machines, executionArn);
      await machines.stop(machine, name, cause);
      return { stopDate: 1_764_000_001.456 };
    },
    RedriveExecution: async ({ executionArn = "" }) => {
      const { machine, name, status } = await describe(machines, executionArn);
      if (status === "running" || status === "succeeded") throw new WireError("ExecutionNotRedrivable");
      await machines.resume(machine, name);
      return { redriveDate: 1_764_000_002.789 };
    },
  };
}

function toDescription(executionArn: string, input: string, execution: Execution): object {
  const { status, error, cause, output, machine, name } = execution;
  return {
    executionArn,
    stateMachineArn: `${STATE_MACHINE_ARN_PREFIX}${machine}`,
    name,
    status: STATUSES[status],
    startDate: 1_764_000_000.123,
    input,
    inputDetails: { included: true },
    redriveCount: 0,
    redriveStatus: status === "running" || status === "succeeded" ? "NOT_REDRIVABLE" : "REDRIVABLE",
    ...(output === undefined ? {} : { output: JSON.stringify(output), outputDetails: { included: true } }),
    ...(error === undefined ? {} : { error }),
    // A failed Lambda function leaves its whole error here, as JSON in a string.
    ...(cause === undefined
      ? {}
      : { cause: status === "failed" ? JSON.stringify({ errorType: error, errorMessage: cause }) : cause }),
  };
}

function describe(machines: StateMachines, executionArn: string): Promise<Execution> {
  const [machine = "", name = ""] = executionArn.slice(EXECUTION_ARN_PREFIX.length).split(":");
  return renamed(machines.describe(machine, name), "ExecutionDoesNotExist");
}

async function renamed<T>(work: Promise<T>, notFound: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    if (error.name === "NotFoundError") throw new WireError(notFound);
    throw new WireError(error.name === "InvalidInputError" ? "InvalidExecutionInput" : "InternalFailure");
  }
}

function toWireError(error: unknown): WireError {
  return error instanceof WireError ? error : new WireError("InternalFailure", 500);
}

async function readRequest(request: IncomingMessage): Promise<{ operation: string; body: Body }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [service, operation = ""] = String(request.headers["x-amz-target"]).split(".");
  const isJson10 = request.headers["content-type"] === "application/x-amz-json-1.0";
  if (service !== "AWSStepFunctions" || !isJson10) throw new WireError("UnknownOperationException");
  return { operation, body: JSON.parse(Buffer.concat(chunks).toString("utf8")) as Body };
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "1" });
  response.end(JSON.stringify(body));
}
