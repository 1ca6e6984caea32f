// Decides who may work on a group: one lease a workflow and group, whose fencing token rises with every new holder.
// The watermark stands in the same item, so that a commit and the check of its token are one conditional write.

import { z } from "zod";
import { InvalidInputError, LeaseHeldError, LeaseLostError } from "../errors/steward-error.ts";
import type { Holders } from "../ports/holders.ts";
import type { Ledger, LedgerBody, LedgerItem, LedgerKey } from "../ports/ledger.ts";
import type { Timer } from "../ports/timer.ts";
import { type EpochMs, toIso } from "../time/epoch-ms.ts";
import { updateItem } from "./update-item.ts";

const watermarkBody = z.object({
  asOfMs: z.number().transform((value) => value as EpochMs),
  /** Which definition and which events gave the records of that as-of. */
  definition: z.string(),
  events: z.string(),
  runId: z.string(),
  /** The youngest raw event consumed; null: none. Freshness is counted from here, never from the as-of. */
  greatestEventTimeMs: z.number().nullable(),
  /** The same of each value of the source's partition column, the oldest first; absent: it has none. */
  partitions: z
    .array(
      z.object({
        name: z.string(),
        greatestEventTimeMs: z.number().transform((value) => value as EpochMs),
      }),
    )
    .optional(),
});
export type Watermark = Readonly<z.infer<typeof watermarkBody>>;

const leaseBody = z.object({
  token: z.number(),
  /** null: nobody. */
  holder: z.object({ runId: z.string(), process: z.string() }).nullable(),
  expiresAtMs: z.number(),
  watermark: watermarkBody.nullable(),
  /** What the last refresh that published began to write: the stores may hold it, watermark or not. */
  begun: watermarkBody.nullable(),
});
type LeaseBody = Readonly<z.infer<typeof leaseBody>>;

export interface LeaseScope {
  readonly workflow: string;
  readonly group: string;
}

export interface LeasePorts {
  readonly ledger: Ledger;
  readonly timer: Timer;
  readonly holders: Holders;
}

const leaseKey = ({ workflow, group }: LeaseScope): LedgerKey => ({
  partition: `leases#${group}`,
  sort: workflow,
});

/**
 * Takes the lease, or keeps it where the run has it already (its token then stays). A lease that lapsed, or whose
 * holder is known to be dead, is free. @throws LeaseHeldError naming the run that has it.
 */
export async function acquireLease(
  ports: LeasePorts,
  scope: LeaseScope,
  runId: string,
  leaseMs: number,
): Promise<number> {
  const process = ports.holders.current();
  const item = await updateItem(ports.ledger, leaseKey(scope), (present) => {
    const lease = fromItem(present);
    const isMine = lease.holder?.runId === runId && lease.holder.process === process;
    if (lease.holder !== null && !isMine && isHeld(lease, runId, ports)) {
      throw new LeaseHeldError(
        `run ${lease.holder.runId} is at work on group "${scope.group}" (${scope.workflow}): wait for it, or \`steward cancel ${lease.holder.runId}\``,
        { details: { runId: lease.holder.runId } },
      );
    }
    const expiresAtMs = ports.timer.nowMs() + leaseMs;
    return toBody({
      ...lease,
      token: isMine ? lease.token : lease.token + 1,
      holder: { runId, process },
      expiresAtMs,
    });
  });
  return fromItem(item).token;
}

/** Lengthens the lease. @throws LeaseLostError when another token holds it. */
export async function renewLease(
  ports: LeasePorts,
  scope: LeaseScope,
  token: number,
  leaseMs: number,
): Promise<void> {
  await changeHeld(ports.ledger, scope, token, (lease) => ({
    ...lease,
    expiresAtMs: ports.timer.nowMs() + leaseMs,
  }));
}

/** Gives the lease back; a lease that another holds is left alone. */
export async function releaseLease(ledger: Ledger, scope: LeaseScope, token: number): Promise<void> {
  await updateItem(ledger, leaseKey(scope), (present) => {
    const lease = fromItem(present);
    return lease.token === token && lease.holder !== null ? toBody({ ...lease, holder: null }) : undefined;
  });
}

/** Takes the lease away from whoever holds it: the token rises, and what they still try is refused. */
export async function revokeLease(ledger: Ledger, scope: LeaseScope, runId: string): Promise<void> {
  await updateItem(ledger, leaseKey(scope), (present) => {
    const lease = fromItem(present);
    return lease.holder?.runId === runId
      ? toBody({ ...lease, token: lease.token + 1, holder: null })
      : undefined;
  });
}

/** The run that holds the lease; undefined: nobody. It may have lapsed. */
export async function findHolder(
  ledger: Ledger,
  scope: LeaseScope,
): Promise<{ readonly runId: string; readonly process: string } | undefined> {
  return fromItem(await ledger.find(leaseKey(scope))).holder ?? undefined;
}

/** Whether the run has the lease and can still be at work: it has not lapsed, and its process is not known to be dead. */
export async function isAtWork(ports: LeasePorts, scope: LeaseScope, runId: string): Promise<boolean> {
  const { holder, expiresAtMs } = fromItem(await ports.ledger.find(leaseKey(scope)));
  return (
    holder?.runId === runId && expiresAtMs > ports.timer.nowMs() && !ports.holders.isGone(holder.process)
  );
}

export async function findWatermark(ledger: Ledger, group: string): Promise<Watermark | undefined> {
  return fromItem(await ledger.find(leaseKey({ workflow: "refresh", group }))).watermark ?? undefined;
}

/**
 * Commits the watermark of a refresh under its fencing token; the same again changes nothing.
 * @throws LeaseLostError when the token is not the lease's, InvalidInputError when the watermark would go back or into
 * the future of `nowMs`.
 */
export async function commitWatermark(
  ledger: Ledger,
  group: string,
  token: number,
  watermark: Watermark,
  nowMs: EpochMs,
): Promise<void> {
  if (watermark.asOfMs > nowMs)
    throw new InvalidInputError(
      `the watermark of "${group}" cannot lie in the future: ${toIso(watermark.asOfMs)}`,
    );
  await changeHeld(ledger, { workflow: "refresh", group }, token, (lease) => {
    const before = lease.watermark;
    if (before !== null && watermark.asOfMs < before.asOfMs) {
      throw new InvalidInputError(
        `the watermark of "${group}" stands at ${toIso(before.asOfMs)} and cannot go back to ${toIso(watermark.asOfMs)}`,
      );
    }
    return { ...lease, watermark };
  });
}

/** Notes what a refresh begins to write, before the first of it can be read. @throws LeaseLostError when the token is not the lease's. */
export async function noteBegun(
  ledger: Ledger,
  group: string,
  token: number,
  begun: Watermark,
): Promise<void> {
  await changeHeld(ledger, { workflow: "refresh", group }, token, (lease) => ({ ...lease, begun }));
}

/** What the stores may hold: the committed watermark, or what a run that did not end began to write after it. */
export async function findBegun(ledger: Ledger, group: string): Promise<Watermark | undefined> {
  const { watermark, begun } = fromItem(await ledger.find(leaseKey({ workflow: "refresh", group })));
  return begun ?? watermark ?? undefined;
}

async function changeHeld(
  ledger: Ledger,
  scope: LeaseScope,
  token: number,
  change: (lease: LeaseBody) => LeaseBody,
): Promise<void> {
  await updateItem(ledger, leaseKey(scope), (present) => {
    const lease = fromItem(present);
    if (lease.token !== token || lease.holder === null) {
      throw new LeaseLostError(
        `this run no longer holds group "${scope.group}" (${scope.workflow}): it was cancelled, or another took over`,
      );
    }
    return toBody(change(lease));
  });
}

function isHeld(lease: LeaseBody, runId: string, ports: LeasePorts): boolean {
  if (lease.holder === null || lease.expiresAtMs <= ports.timer.nowMs()) return false;
  if (ports.holders.isGone(lease.holder.process)) return false;
  return lease.holder.runId !== runId || lease.holder.process !== ports.holders.current();
}

const FREE: LeaseBody = { token: 0, holder: null, expiresAtMs: 0, watermark: null, begun: null };
const toBody = (lease: LeaseBody): LedgerBody => lease as unknown as LedgerBody; // JSON by its schema
const fromItem = (item: LedgerItem | undefined): LeaseBody =>
  item === undefined ? FREE : leaseBody.parse(item.body);
