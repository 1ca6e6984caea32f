// Decides how a state folder's ledger and clock are read without its servers: what is running, what has run.

import { DrivenClock, SqliteLedger, SystemTimer } from "@steward/adapters";
import type { Clock, EpochMs, Holders, Ledger } from "@steward/core";
import { localHolders } from "./holders.ts";
import { openStateFolder } from "./state-folder.ts";

export interface LedgerView {
  readonly ledger: Ledger;
  readonly holders: Holders;
  /** Undriven, it is the machine's. */
  readonly clock: Clock & { isDriven(): boolean };
  close(): void;
}

/** Starts nothing. `clockMs` drives the clock first. @throws InvalidInputError for an unusable folder or a clock that would go back. */
export function openLedgerView(stateDir: string, clockMs?: EpochMs): LedgerView {
  const folder = openStateFolder(stateDir);
  const clock = new DrivenClock({ file: folder.clock, timer: new SystemTimer() });
  if (clockMs !== undefined) clock.set(clockMs);
  const ledger = new SqliteLedger({ file: folder.ledger });
  return { ledger, holders: localHolders(), clock, close: () => ledger.close() };
}
