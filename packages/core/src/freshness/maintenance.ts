// Decides when a group's alarms are silent: while a planned rebuild writes its stores, which are then not as they will be.

import { z } from "zod";
import { updateItem } from "../ledger/update-item.ts";
import type { Ledger, LedgerKey } from "../ports/ledger.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

const body = z.object({ runId: z.string(), untilMs: z.number() });

/** A run that died says no more: its window ends by itself. Runs that live renew it at every step. */
const WINDOW_MS = 15 * 60_000;

const key = (group: string): LedgerKey => ({ partition: "maintenance", sort: group });

/** Begins the group's window, or lengthens it. */
export async function beginMaintenance(
  ledger: Ledger,
  group: string,
  runId: string,
  nowMs: EpochMs,
): Promise<void> {
  await updateItem(ledger, key(group), () => ({ runId, untilMs: nowMs + WINDOW_MS }));
}

/** Ends the window of that run; another's stays. */
export async function endMaintenance(ledger: Ledger, group: string, runId: string): Promise<void> {
  const item = await ledger.find(key(group));
  if (item !== undefined && body.parse(item.body).runId === runId) await ledger.remove(key(group), item);
}

export async function isInMaintenance(ledger: Ledger, group: string, nowMs: EpochMs): Promise<boolean> {
  const item = await ledger.find(key(group));
  return item !== undefined && nowMs < body.parse(item.body).untilMs;
}
