// Decides which sides of a group are in maintenance: those that a rebuild at work writes, for they are not yet as they will
// be. The window is the rebuild's lease: it begins, ends and lapses with it, and nobody has to close it.

import { z } from "zod";
import { findHolder, isAtWork, type LeasePorts } from "../ledger/lease.ts";
import { findRun, type Target, targetsOf } from "../ledger/run.ts";
import { updateItem } from "../ledger/update-item.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

const quietBody = z.partialRecord(
  z.enum(["online", "hot"]),
  z.number().transform((value) => value as EpochMs),
);
/** By side, the last instant at which it was seen in maintenance: what was bad up to then is no alarm. */
export type Quiet = Readonly<z.infer<typeof quietBody>>;

/** Looks at what is rebuilt now, and remembers it: the measures of a rebuild outlast it by some periods. */
export async function noteMaintenance(ports: LeasePorts, group: string, nowMs: EpochMs): Promise<Quiet> {
  const rebuilt = await findRebuilt(ports, group);
  const now: Quiet = Object.fromEntries(rebuilt.map((target) => [target, nowMs]));
  const key = { partition: "maintenance", sort: group };
  const item = await updateItem(ports.ledger, key, (present) =>
    rebuilt.length === 0 ? undefined : { ...present?.body, ...now },
  );
  return item === undefined ? {} : quietBody.parse(item.body);
}

/** The stores that a rebuild of the group is at work on. */
async function findRebuilt(ports: LeasePorts, group: string): Promise<readonly Target[]> {
  const rebuild = { workflow: "rebuild", group };
  const holder = await findHolder(ports.ledger, rebuild);
  if (holder === undefined || !(await isAtWork(ports, rebuild, holder.runId))) return [];
  const run = await findRun(ports.ledger, holder.runId);
  return run === undefined ? [] : targetsOf(run);
}
