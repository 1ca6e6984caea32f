// Decides how a computation makes itself known before it reads suppressions: its as-of, and the greatest of all.
// One of the two, computation or suppression, then always sees the other, whatever the clocks (design §6).

import { z } from "zod";
import type { Ledger, LedgerBody, LedgerKey } from "../ports/ledger.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { updateItem } from "./update-item.ts";

const registrationBody = z.object({
  runId: z.string(),
  attempt: z.number(),
  asOfMs: z.number().transform((value) => value as EpochMs),
  ended: z.boolean(),
  /** Of a computation without a run row: who does it, and when (real time) it writes no more even if nobody says so. */
  process: z.string().optional(),
  expiresAtMs: z.number().optional(),
});
/** A computation that can write or copy, from its start to its end. */
export type Registration = Readonly<z.infer<typeof registrationBody>>;

const GREATEST = "greatest";
const partition = (entity: string): string => `as-ofs#${entity}`;
const registrationKey = (
  entity: string,
  { runId, attempt }: { runId: string; attempt: number },
): LedgerKey => ({
  partition: partition(entity),
  sort: `run#${runId}#${attempt}`,
});

/** Registers an as-of for an entity; must be done, and awaited, before suppressions are read. The same again changes nothing. */
export async function registerAsOf(
  ledger: Ledger,
  entity: string,
  registration: Omit<Registration, "ended">,
): Promise<void> {
  const { process, expiresAtMs, ...rest } = registration;
  const body: LedgerBody = {
    ...rest,
    ended: false,
    ...(process === undefined ? {} : { process }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
  await updateItem(ledger, registrationKey(entity, registration), (present) =>
    present === undefined || present.body.ended === true ? body : undefined,
  );
  await updateItem(ledger, { partition: partition(entity), sort: GREATEST }, (present) => {
    const greatest = present === undefined ? Number.NEGATIVE_INFINITY : Number(present.body.asOfMs);
    return registration.asOfMs > greatest ? { asOfMs: registration.asOfMs } : undefined;
  });
}

/** Puts off when it ends by itself; false: it has ended, and may write no more. */
export async function renewAsOf(
  ledger: Ledger,
  entity: string,
  run: { readonly runId: string; readonly attempt: number },
  expiresAtMs: number,
): Promise<boolean> {
  const item = await updateItem(ledger, registrationKey(entity, run), (present) => {
    if (present === undefined || present.body.ended === true) return undefined;
    return { ...present.body, expiresAtMs };
  });
  return item !== undefined && item.body.ended !== true;
}

/** Says that the computation writes no more. */
export async function endAsOf(
  ledger: Ledger,
  entity: string,
  run: { readonly runId: string; readonly attempt: number },
): Promise<void> {
  await updateItem(ledger, registrationKey(entity, run), (present) =>
    present === undefined || present.body.ended === true ? undefined : { ...present.body, ended: true },
  );
}

/** Ends one of very many short computations: nothing of it stays but the greatest as-of, which counts it. */
export async function forgetAsOf(
  ledger: Ledger,
  entity: string,
  run: { readonly runId: string; readonly attempt: number },
): Promise<void> {
  const item = await ledger.find(registrationKey(entity, run));
  if (item !== undefined) await ledger.remove(item, { version: item.version });
}

/** Computations that have not ended. */
export async function listOpenAsOfs(ledger: Ledger, entity: string): Promise<readonly Registration[]> {
  const items = await ledger.list(partition(entity), "run#");
  return items.map((item) => registrationBody.parse(item.body)).filter(({ ended }) => !ended);
}

/** The greatest as-of ever registered, ended ones included; undefined: none. */
export async function findGreatestAsOf(ledger: Ledger, entity: string): Promise<EpochMs | undefined> {
  const item = await ledger.find({ partition: partition(entity), sort: GREATEST });
  return item === undefined ? undefined : (Number(item.body.asOfMs) as EpochMs);
}
