// What a policy document says to a request, for the operators that the documents here use; any other is an error, not a guess.
// After "IAM JSON policy elements: Condition operators" of the IAM user guide: a negated operator holds where the key is
// absent, ForAnyValue does not; `*` and `?` are wild in ARNs and resources; names of actions have no case.

import { type Statement, toList } from "./graph.ts";

export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  /** Context keys that are there; absent ones are left out. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** The statements that apply to the request, of either effect. */
export function applying(statements: readonly Statement[], request: PolicyRequest): readonly Statement[] {
  return statements.filter(
    (statement) =>
      matchesAction(statement, request.action) &&
      matchesResource(statement, request.resource) &&
      matchesConditions(statement.Condition ?? {}, request.context ?? {}),
  );
}

/** By these statements alone: allowed by one, denied by none. */
export function isAllowed(statements: readonly Statement[], request: PolicyRequest): boolean {
  const effects = applying(statements, request).map(({ Effect }) => Effect);
  return effects.includes("Allow") && !effects.includes("Deny");
}

export function isDenied(statements: readonly Statement[], request: PolicyRequest): boolean {
  return applying(statements, request).some(({ Effect }) => Effect === "Deny");
}

function matchesAction({ Action, NotAction }: Statement, action: string): boolean {
  const isIn = (patterns: Statement["Action"]) =>
    toList(patterns).some((pattern) => isLike(action.toLowerCase(), pattern.toLowerCase()));
  return Action === undefined ? !isIn(NotAction) : isIn(Action);
}

function matchesResource({ Resource, NotResource }: Statement, resource: string): boolean {
  const isIn = (patterns: Statement["Resource"]) =>
    toList(patterns).some((pattern) => isLike(resource, pattern));
  return Resource === undefined ? !isIn(NotResource) : isIn(Resource);
}

type Test = (actual: readonly string[], wanted: readonly string[]) => boolean;

const OPERATORS: Readonly<Record<string, Test>> = {
  StringEquals: ([actual], wanted) => actual !== undefined && wanted.includes(actual),
  StringNotEquals: ([actual], wanted) => actual === undefined || !wanted.includes(actual),
  ArnLike: ([actual], wanted) => actual !== undefined && wanted.some((pattern) => isLike(actual, pattern)),
  ArnNotLike: ([actual], wanted) =>
    actual === undefined || !wanted.some((pattern) => isLike(actual, pattern)),
  "ForAnyValue:StringEquals": (actual, wanted) => actual.some((value) => wanted.includes(value)),
};

function matchesConditions(
  conditions: NonNullable<Statement["Condition"]>,
  context: NonNullable<PolicyRequest["context"]>,
): boolean {
  return Object.entries(conditions).every(([operator, keys]) => {
    const test = OPERATORS[operator];
    if (test === undefined) throw new Error(`no rule here for the operator ${operator}`);
    return Object.entries(keys).every(([key, wanted]) =>
      test(toList(context[key]), toList(wanted as string | readonly string[])),
    );
  });
}

function isLike(text: string, pattern: string): boolean {
  const parts = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${parts}$`).test(text);
}
