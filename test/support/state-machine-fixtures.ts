// Small state machines for the tests of port StateMachines, and tasks that a test can hold, count and fail.

import type { Json } from "@steward/core";

export type Asl = Record<string, unknown>;
export type TestTask = (input: Json) => Promise<Json>;

/** Names its resource as its state, in small letters. */
export function aTask(name: string, fields: Asl = {}): Asl {
  const rest = "Next" in fields ? fields : { End: true, ...fields };
  return { Type: "Task", Resource: toResource(name), TimeoutSeconds: 30, ...rest };
}

export function toResource(stateName: string): string {
  return stateName.toLowerCase().replaceAll(" ", "-");
}

export function aMachine(states: Record<string, Asl>, fields: Asl = {}): Asl {
  return { StartAt: Object.keys(states)[0], States: states, ...fields };
}

/** Tasks one after the other, each given what the one before returned. */
export function aChain(...names: readonly string[]): Asl {
  const states = names.map((name, index) => {
    const next = names[index + 1];
    return [name, aTask(name, next === undefined ? {} : { Next: next })] as const;
  });
  return aMachine(Object.fromEntries(states));
}

/** A task that says when it was called, and returns only when it is told what. */
export class HeldTask {
  readonly inputs: Json[] = [];
  readonly #called = Promise.withResolvers<void>();
  readonly #result = Promise.withResolvers<Json>();

  readonly task: TestTask = (input) => {
    this.inputs.push(input);
    this.#called.resolve();
    return this.#result.promise;
  };

  /** Resolves once it has been called for the first time. */
  called(): Promise<void> {
    return this.#called.promise;
  }

  finish(result: Json): void {
    this.#result.resolve(result);
  }
}

/** A task that keeps its inputs, fails with the given errors first, one a call, and then returns. */
export function aScriptedTask(errors: readonly unknown[], result: (input: Json) => Json = (input) => input) {
  const inputs: Json[] = [];
  const task: TestTask = async (input) => {
    inputs.push(input);
    if (inputs.length <= errors.length) throw errors[inputs.length - 1];
    return result(input);
  };
  return { inputs, task };
}
