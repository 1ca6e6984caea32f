// Decides how work that copies or writes, and has no run, keeps the protocol: registered before it reads suppressions,
// known to be alive while it is, and told when an erasure no longer waits for it.

import { LeaseLostError } from "../errors/steward-error.ts";
import { forgetAsOf, registerAsOf, renewAsOf } from "../ledger/as-of.ts";
import type { SuppressedSubject } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { readSuppressions } from "./read-suppressions.ts";

export type ComputationPorts = Pick<Ports, "holders" | "ledger" | "settings" | "timer">;

export interface Computation {
  /** Of all its entities, read after it was registered: what they bar is left out. */
  readonly suppressions: readonly SuppressedSubject[];
  /** To be awaited now and then, and before what was made is handed out. @throws LeaseLostError when an erasure has gone on without it. */
  keep(): Promise<void>;
  /** It copies and writes no more. */
  end(): Promise<void>;
}

/** `id` is of this computation alone, whoever else does the same at once. */
export async function beginComputation(
  ports: ComputationPorts,
  entities: readonly string[],
  { id, asOfMs }: { readonly id: string; readonly asOfMs: EpochMs },
): Promise<Computation> {
  const { ledger, timer } = ports;
  const ref = { runId: id, attempt: 1 };
  const process = ports.holders.current();
  const expiry = (): number => timer.nowMs() + ports.settings.leaseMs;
  const suppressions: SuppressedSubject[] = [];
  for (const entity of entities) {
    await registerAsOf(ledger, entity, { ...ref, asOfMs, process, expiresAtMs: expiry() });
    suppressions.push(...(await readSuppressions(ledger, entity)));
  }
  return {
    suppressions,
    async keep() {
      for (const entity of entities) {
        if (await renewAsOf(ledger, entity, ref, expiry())) continue;
        throw new LeaseLostError(
          `an erasure began and no longer waited for this (${id}): what was made is dropped, do it again`,
        );
      }
    },
    async end() {
      for (const entity of entities) await forgetAsOf(ledger, entity, ref);
    },
  };
}
