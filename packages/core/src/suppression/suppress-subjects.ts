// Decides how a suppression comes to be, in three steps that may each be done again: recorded for every subject without
// its time, the time taken once, the time written down. Only in that order does one of the two, computation or
// suppression, always see the other (design §6).

import { z } from "zod";
import { findGreatestAsOf } from "../ledger/as-of.ts";
import { updateItem } from "../ledger/update-item.ts";
import type { Ledger, LedgerBody, LedgerItem, LedgerKey } from "../ports/ledger.ts";
import type { Ports } from "../ports/ports.ts";
import { type Pseudonym, tagOf } from "../ports/pseudonymiser.ts";
import { type EpochMs, toEpochMs } from "../time/epoch-ms.ts";
import { suppressionPartition } from "./read-suppressions.ts";

const PARALLEL_WRITES = 64;

const suppressionBody = z.object({
  /** Nothing dated at or before this; null: no request has its time yet. Never falls, and the item is never removed. */
  untilMs: z.number().nullable(),
  /** Requests that have recorded the suppression and not yet written their time: until then all of the subject is left out. */
  pending: z.array(z.string()).readonly(),
});
type SuppressionBody = Readonly<z.infer<typeof suppressionBody>>;

const timeKey = (entity: string, requestId: string): LedgerKey => ({
  partition: `suppression-times#${entity}`,
  sort: requestId,
});

/** Step 1: from now on whoever reads the suppressions leaves these subjects out whole. Durable for all once it returns. */
export async function recordSuppressions(
  ledger: Ledger,
  entity: string,
  requestId: string,
  pseudonyms: readonly Pseudonym[],
): Promise<void> {
  const time = await findSuppressionTime(ledger, entity, requestId);
  await changeAll(ledger, entity, pseudonyms, (present) => {
    if (present.pending.includes(requestId) || isSettled(present, time)) return undefined;
    return { ...present, pending: [...present.pending, requestId] };
  });
}

/**
 * Step 2, once step 1 is durable for all: T, one millisecond after now and after every as-of ever registered, whichever
 * is later. Taken once a request: a retry, or another process at the same step, gets the same.
 */
export async function takeSuppressionTime(
  ports: Pick<Ports, "ledger" | "clock">,
  entity: string,
  requestId: string,
): Promise<EpochMs> {
  const taken = await findSuppressionTime(ports.ledger, entity, requestId);
  if (taken !== undefined) return taken;
  const nowMs = ports.clock.now();
  const greatestMs = (await findGreatestAsOf(ports.ledger, entity)) ?? nowMs;
  const untilMs = toEpochMs(Math.max(nowMs, greatestMs) + 1);
  await ports.ledger.put(timeKey(entity, requestId), { untilMs }, "absent");
  return (await findSuppressionTime(ports.ledger, entity, requestId)) ?? untilMs;
}

/** The T that the request took; undefined: it has none yet. */
export async function findSuppressionTime(
  ledger: Ledger,
  entity: string,
  requestId: string,
): Promise<EpochMs | undefined> {
  const item = await ledger.find(timeKey(entity, requestId));
  return item === undefined ? undefined : (Number(item.body.untilMs) as EpochMs);
}

/** Step 3: writes T down; a later one that is there already stays. */
export async function settleSuppressions(
  ledger: Ledger,
  entity: string,
  requestId: string,
  pseudonyms: readonly Pseudonym[],
  untilMs: EpochMs,
): Promise<void> {
  await changeAll(ledger, entity, pseudonyms, (present) => {
    if (isSettled(present, untilMs) && !present.pending.includes(requestId)) return undefined;
    return {
      untilMs: Math.max(present.untilMs ?? untilMs, untilMs),
      pending: present.pending.filter((pending) => pending !== requestId),
    };
  });
}

function isSettled(present: SuppressionBody, time: EpochMs | undefined): boolean {
  return time !== undefined && present.untilMs !== null && present.untilMs >= time;
}

async function changeAll(
  ledger: Ledger,
  entity: string,
  pseudonyms: readonly Pseudonym[],
  change: (present: SuppressionBody) => SuppressionBody | undefined,
): Promise<void> {
  for (let start = 0; start < pseudonyms.length; start += PARALLEL_WRITES) {
    await Promise.all(
      pseudonyms.slice(start, start + PARALLEL_WRITES).map((pseudonym) => {
        const key = { partition: suppressionPartition(entity, tagOf(pseudonym)), sort: pseudonym };
        return updateItem(ledger, key, (item) => {
          const body = change(fromItem(item));
          return body as LedgerBody | undefined;
        });
      }),
    );
  }
}

const NONE: SuppressionBody = { untilMs: null, pending: [] };
const fromItem = (item: LedgerItem | undefined): SuppressionBody =>
  item === undefined ? NONE : suppressionBody.parse(item.body);
