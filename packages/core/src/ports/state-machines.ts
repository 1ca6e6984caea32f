// Starting and watching executions, as Step Functions offers it.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type ExecutionStatus = "running" | "succeeded" | "failed" | "timedOut" | "aborted";

export interface Execution {
  readonly machine: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  /** When it failed: the error's name and a plain cause. */
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly output: Json | undefined;
}

export interface StateMachines {
  /** Starts an execution; the same name with the same input again returns at once and starts nothing.
   * @throws InvalidInputError when the name is taken by another input, NotFoundError for an unknown machine. */
  start(machine: string, name: string, input: Json): Promise<void>;
  /** @throws NotFoundError when there is no such execution. */
  describe(machine: string, name: string): Promise<Execution>;
  /** Ends a running execution; one that has ended stays as it is. */
  stop(machine: string, name: string, reason: string): Promise<void>;
  /** Continues an execution that was killed, failed or stopped, from the state that it stood in. */
  resume(machine: string, name: string): Promise<void>;
}
