// Decides which state machines the interpreter may run: those that mean the same here as on Step Functions.
// Leaves running them to LocalExecution.

import { DefinitionError } from "@steward/core";
import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";

export interface LocalTask {
  readonly stateName: string;
  readonly resource: string;
  /** The state of the machine itself that this task is, or lies within (a Map, a Parallel). */
  readonly topState: string;
}

export interface LocalMachine {
  readonly name: string;
  readonly definition: StateMachineDefinition;
  readonly tasks: readonly LocalTask[];
  /** The literal causes of its Fail states. */
  readonly failCauses: ReadonlySet<string>;
}

/** The few fields read here; the rest of the language is the interpreter's. */
interface AslState {
  readonly Type: string;
  readonly Resource?: string;
  readonly Cause?: string;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly Seconds?: number;
  readonly QueryLanguage?: string;
  readonly Assign?: object;
  readonly Choices?: readonly { readonly Assign?: object }[];
  readonly Catch?: readonly { readonly Assign?: object }[];
  readonly ItemProcessor?: AslStates;
  readonly Iterator?: AslStates;
  readonly Branches?: readonly AslStates[];
}
interface AslStates {
  readonly States: Readonly<Record<string, AslState>>;
}

/** A timer of Node that is longer fires at once: https://nodejs.org/api/timers.html, read 2026-11-24. */
const MAX_TIMER_SECONDS = Math.floor((2 ** 31 - 1) / 1_000);

/** What stays the same when an execution is continued in the middle, or is given to the items of a Map. */
const KNOWN_CONTEXT = /^\$\$\.(Execution\.Name|StateMachine\.Name|Map\.Item\.(Index|Value.*))$/;

/** @throws DefinitionError naming the machine, the state and the rule. */
export function toLocalMachine(name: string, asl: object, resources: ReadonlySet<string>): LocalMachine {
  const definition = asl as StateMachineDefinition;
  if ("QueryLanguage" in definition && definition.QueryLanguage !== "JSONPath") {
    fail(name, "its query language is not JSONPath, the only one that can be run locally");
  }
  checkValues(name, asl);
  const tasks: LocalTask[] = [];
  const failCauses = new Set<string>();
  for (const [stateName, state] of Object.entries((asl as AslStates).States)) {
    for (const [inner, innerState] of statesWithin(stateName, state)) {
      checkState(name, inner, innerState, resources);
      const { Type, Resource = "", Cause } = innerState;
      if (Type === "Task") tasks.push({ stateName: inner, resource: Resource, topState: stateName });
      if (Type === "Fail" && Cause !== undefined) failCauses.add(Cause);
    }
  }
  return { name, definition, tasks, failCauses };
}

/** Against the schema of Amazon States Language; takes 0.1 to 0.3 s. @throws DefinitionError */
export function checkLanguage({ name, definition }: LocalMachine): void {
  try {
    // A copy, because the validator writes into what it is given.
    new StateMachine(structuredClone(definition), { validationOptions: { checkArn: false } });
  } catch (error) {
    throw new DefinitionError(`state machine ${name}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/** The state itself first, then every state of its branches and items. */
function* statesWithin(stateName: string, state: AslState): Generator<readonly [string, AslState]> {
  yield [stateName, state];
  for (const inner of [state.ItemProcessor, state.Iterator, ...(state.Branches ?? [])]) {
    for (const [innerName, innerState] of Object.entries(inner?.States ?? {})) {
      yield* statesWithin(innerName, innerState);
    }
  }
}

function checkState(name: string, stateName: string, state: AslState, resources: ReadonlySet<string>): void {
  const refuse = (text: string) => fail(name, `state ${stateName} ${text}`);
  if ([state, ...(state.Choices ?? []), ...(state.Catch ?? [])].some((part) => "Assign" in part)) {
    refuse("uses Assign, which cannot be run locally");
  }
  if ((state.QueryLanguage ?? "JSONPath") !== "JSONPath") refuse("is not in JSONPath");
  if ((state.Seconds ?? 0) > MAX_TIMER_SECONDS || (state.TimeoutSeconds ?? 0) > MAX_TIMER_SECONDS) {
    refuse(`waits longer than ${MAX_TIMER_SECONDS} s`);
  }
  if (state.Type !== "Task") return;
  if (state.TimeoutSeconds === undefined && state.TimeoutSecondsPath === undefined) {
    refuse("states no TimeoutSeconds (unsaid, it is 60 s here and a year on Step Functions)");
  }
  const resource = state.Resource ?? "";
  if (resource.endsWith(".waitForTaskToken")) refuse("waits for a task token, which cannot be done locally");
  if (!resources.has(resource)) refuse(`names the task ${resource}, which is not here`);
}

/** Refuses what a resumed execution or the items of a Map would read differently, and what the interpreter gets wrong. */
function checkValues(name: string, value: unknown): void {
  if (typeof value === "string") {
    for (const path of value.match(/\$\$[\w.]*/g) ?? []) {
      if (!KNOWN_CONTEXT.test(path)) fail(name, `${path} is not the same in a Map, or after a resume`);
    }
  }
  if (value === null || typeof value !== "object") return;
  for (const [field, inner] of Object.entries(value)) {
    if (field === "IsPresent" && inner === false)
      fail(name, "IsPresent: false cannot be run locally; use Not");
    checkValues(name, inner);
  }
}

function fail(name: string, text: string): never {
  throw new DefinitionError(`state machine ${name}: ${text}`);
}
