// Actors that share a ledger and go forward one call at a time, so that every order of their calls can be tried.

import type { Ledger } from "@steward/core";

export type Act = (ledger: Ledger) => Promise<void>;

export interface Actor {
  /** Lets the actor make its next call of the ledger, and waits until it stands before another or has ended; false: it had ended. */
  step(): Promise<boolean>;
}

/** An actor that stands before its first call. */
export function startActor(ledger: Ledger, act: Act): Actor {
  const waiting: (() => void)[] = [];
  let isDone = false;
  let failure: unknown;
  let arrive: () => void = () => {};
  const turn = (): Promise<void> =>
    new Promise((go) => {
      waiting.push(go);
      arrive();
    });
  const gated: Ledger = {
    find: async (...given) => turn().then(() => ledger.find(...given)),
    list: async (...given) => turn().then(() => ledger.list(...given)),
    put: async (...given) => turn().then(() => ledger.put(...given)),
    remove: async (...given) => turn().then(() => ledger.remove(...given)),
  };
  const end = (error?: unknown): void => {
    isDone = true;
    failure = error;
    arrive();
  };
  act(gated).then(() => end(), end);
  const arrived = (): Promise<void> =>
    isDone || waiting.length > 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          arrive = resolve;
        });
  return {
    async step() {
      await arrived();
      const go = waiting.shift();
      if (go !== undefined) {
        go();
        await arrived();
      }
      if (failure !== undefined) throw failure;
      return go !== undefined;
    },
  };
}

/** Runs the actors in this order of calls (each a place in the list), then each to its end. */
export async function runInOrder(
  ledger: Ledger,
  acts: readonly Act[],
  order: Iterable<number>,
): Promise<void> {
  const actors = acts.map((act) => startActor(ledger, act));
  for (const index of order) await actors[index]?.step();
  for (const actor of actors) while (await actor.step());
}

/** How many calls the act makes when nobody disturbs it. */
export async function countCalls(ledger: Ledger, act: Act): Promise<number> {
  const actor = startActor(ledger, act);
  let calls = 0;
  while (await actor.step()) calls += 1;
  return calls;
}

/** All ways to merge so many calls of actor 0 with so many of actor 1: 3 and 3 give 20. */
export function* interleavings(ofFirst: number, ofSecond: number): Iterable<readonly number[]> {
  if (ofFirst === 0 || ofSecond === 0) {
    yield [...Array<number>(ofFirst).fill(0), ...Array<number>(ofSecond).fill(1)];
    return;
  }
  for (const rest of interleavings(ofFirst - 1, ofSecond)) yield [0, ...rest];
  for (const rest of interleavings(ofFirst, ofSecond - 1)) yield [1, ...rest];
}
