// The part of Amazon States Language (JSONPath) that the workflows use, as types.
// Source: https://states-language.net/spec.html, read 2026-11-22.

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: "FULL";
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath: string;
  readonly Next: string;
}

export interface TaskState {
  readonly Type: "Task";
  readonly Comment?: string;
  readonly Resource: string;
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly ResultPath: string;
  readonly TimeoutSeconds: number;
  readonly Retry: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Next: string;
}

export interface ChoiceRule {
  readonly Variable: string;
  readonly BooleanEquals?: boolean;
  /** Whether the variable is there; asked only for what is. */
  readonly IsPresent?: true;
  readonly NumericGreaterThan?: number;
  readonly StringEquals?: string;
  readonly Next: string;
}

export type State =
  | TaskState
  | { readonly Type: "Choice"; readonly Choices: readonly ChoiceRule[]; readonly Default: string }
  | { readonly Type: "Wait"; readonly Seconds: number; readonly Next: string }
  | { readonly Type: "Succeed"; readonly InputPath?: string }
  | { readonly Type: "Fail"; readonly Error: string; readonly Cause: string };

export interface StateMachine {
  readonly Comment: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}
