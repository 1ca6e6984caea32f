// Decides what is kept of an alarm between two looks: whether it is on, since when, and why.

import { z } from "zod";
import { updateItem } from "../ledger/update-item.ts";
import type { Ledger, LedgerItem } from "../ports/ledger.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

const body = z.object({
  state: z.enum(["ok", "alarm"]),
  /** When it last changed, by the platform's clock. */
  sinceMs: z.number().transform((value) => value as EpochMs),
  reason: z.string(),
});

export type AlarmState = Readonly<z.infer<typeof body>> & { readonly name: string };

const PARTITION = "alarms";

/** Ascending by name; alarms that were never evaluated are not among them. */
export async function listAlarms(ledger: Ledger): Promise<readonly AlarmState[]> {
  return (await ledger.list(PARTITION)).map(fromItem);
}

export async function findAlarm(ledger: Ledger, name: string): Promise<AlarmState | undefined> {
  const item = await ledger.find({ partition: PARTITION, sort: name });
  return item === undefined ? undefined : fromItem(item);
}

/** Notes the state; one that is as it was keeps the instant since when it is so. */
export async function saveAlarm(ledger: Ledger, wanted: AlarmState): Promise<void> {
  const { name, state, sinceMs, reason } = wanted;
  await updateItem(ledger, { partition: PARTITION, sort: name }, (present) => {
    const before = present === undefined ? undefined : fromItem(present);
    if (before?.state === state && before.reason === reason) return undefined;
    return { state, sinceMs: before?.state === state ? before.sinceMs : sinceMs, reason };
  });
}

const fromItem = (item: LedgerItem): AlarmState => ({ name: item.sort, ...body.parse(item.body) });
