// Decides how the port's four verbs become calls of Step Functions.
// Leaves running the machines to the service, and time-outs and retries of a call to the client that it is given.

import { isDeepStrictEqual } from "node:util";
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  RedriveExecutionCommand,
  type SFNClient,
  type ExecutionStatus as SfnExecutionStatus,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import {
  type Execution,
  type ExecutionStatus,
  InvalidInputError,
  type Json,
  NotFoundError,
  type StateMachines,
  UnavailableError,
} from "@steward/core";
import { describeFailure, toCallError } from "../aws/call-failure.ts";
import { checkExecutionName, isExecutionName } from "./execution-name.ts";
import { plainCause } from "./task-call.ts";

export interface SfnStateMachinesOptions {
  readonly client: SFNClient;
  /** Of standard state machines, by the machine's name. */
  readonly stateMachineArns: Readonly<Record<string, string>>;
}

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html, errors of the four calls, read 2026-11-24. */
const NAMES = {
  invalid: new Set([
    "ExecutionAlreadyExists",
    "ExecutionNotRedrivable",
    "InvalidArn",
    "InvalidExecutionInput",
    "InvalidName",
    "ValidationException",
  ]),
  notFound: new Set(["ExecutionDoesNotExist", "StateMachineDoesNotExist", "StateMachineDeleting"]),
  /** A million open executions. */
  unavailable: new Set(["ExecutionLimitExceeded"]),
};

const STATUSES: Readonly<Record<SfnExecutionStatus, ExecutionStatus>> = {
  RUNNING: "running",
  PENDING_REDRIVE: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  TIMED_OUT: "timedOut",
  ABORTED: "aborted",
};

export class SfnStateMachines implements StateMachines {
  readonly #client: SFNClient;
  readonly #arns: Readonly<Record<string, string>>;

  constructor(options: SfnStateMachinesOptions) {
    this.#client = options.client;
    this.#arns = options.stateMachineArns;
  }

  async start(machine: string, name: string, input: Json): Promise<void> {
    const stateMachineArn = this.#arnOf(machine);
    checkExecutionName(name);
    const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    try {
      await this.#client.send(command);
    } catch (error) {
      if (isNamed(error, "ExecutionAlreadyExists") && (await this.#wasStartedWith(machine, name, input)))
        return;
      throw toCallError(`cannot start execution ${name} of ${machine}`, error, NAMES);
    }
  }

  async describe(machine: string, name: string): Promise<Execution> {
    const { status, error, cause, output } = await this.#describe(machine, name);
    return {
      machine,
      name,
      status: toStatus(status),
      error,
      cause: cause === undefined ? undefined : plainCause(cause),
      // Only one that succeeded has an output; MiniStack gives one to failures too.
      output: status !== "SUCCEEDED" || output === undefined ? undefined : (JSON.parse(output) as Json),
    };
  }

  async stop(machine: string, name: string, reason: string): Promise<void> {
    const command = new StopExecutionCommand({
      executionArn: this.#executionArnOf(machine, name),
      cause: reason,
    });
    try {
      await this.#client.send(command);
    } catch (error) {
      throw toCallError(`cannot stop execution ${name} of ${machine}`, error, NAMES);
    }
  }

  /** One that runs or has succeeded stays as it is.
   * @throws InvalidInputError when it ended more than 14 days ago, the longest that Step Functions can redrive. */
  async resume(machine: string, name: string): Promise<void> {
    const command = new RedriveExecutionCommand({ executionArn: this.#executionArnOf(machine, name) });
    try {
      await this.#client.send(command);
    } catch (error) {
      if (isNamed(error, "ExecutionNotRedrivable")) {
        const { status } = await this.describe(machine, name);
        if (status === "running" || status === "succeeded") return;
      }
      throw toCallError(`cannot resume execution ${name} of ${machine}`, error, NAMES);
    }
  }

  /** Step Functions refuses a name whose execution has ended, whatever the input: the port does not. */
  async #wasStartedWith(machine: string, name: string, input: Json): Promise<boolean> {
    const { input: existing } = await this.#describe(machine, name).catch((error: unknown) => {
      // DescribeExecution may lag behind the start: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
      if (error instanceof NotFoundError)
        throw new UnavailableError(`execution ${name} of ${machine} was started and cannot be seen yet`);
      throw error;
    });
    if (existing === undefined) return false;
    return isDeepStrictEqual(JSON.parse(existing), JSON.parse(JSON.stringify(input)));
  }

  async #describe(machine: string, name: string): Promise<DescribeExecutionCommandOutput> {
    const command = new DescribeExecutionCommand({ executionArn: this.#executionArnOf(machine, name) });
    try {
      return await this.#client.send(command);
    } catch (error) {
      throw toCallError(`cannot describe execution ${name} of ${machine}`, error, NAMES);
    }
  }

  #arnOf(machine: string): string {
    const arn = Object.hasOwn(this.#arns, machine) ? this.#arns[machine] : undefined;
    if (arn === undefined) throw new NotFoundError(`there is no state machine ${machine}`);
    return arn;
  }

  #executionArnOf(machine: string, name: string): string {
    const stateMachineArn = this.#arnOf(machine);
    if (!isExecutionName(name)) throw new NotFoundError(`no execution of ${machine} can have such a name`);
    return toExecutionArn(stateMachineArn, name);
  }
}

/** `…:stateMachine:refresh` or `…:stateMachine:refresh:live` and `r1` give `…:execution:refresh:r1`.
 * @throws InvalidInputError when it is not the ARN of a state machine. */
export function toExecutionArn(stateMachineArn: string, name: string): string {
  const [arn, partition, service, region, account, kind, machine] = stateMachineArn.split(":");
  if (arn !== "arn" || service !== "states" || kind !== "stateMachine" || machine === undefined) {
    throw new InvalidInputError(`${stateMachineArn} is not the ARN of a state machine`);
  }
  return [arn, partition, service, region, account, "execution", machine, name].join(":");
}

/** A status that is newer than this code counts as running: whoever waits goes on waiting. */
function toStatus(status: SfnExecutionStatus | undefined): ExecutionStatus {
  return status === undefined ? "running" : (STATUSES[status] ?? "running");
}

function isNamed(error: unknown, name: string): boolean {
  return describeFailure(error).name === name;
}
