// How soon an erased subject is unreadable online and hot, from the request on, and how long the certificate takes: whole
// erasures of CDNOW customers through the state machine, beside the bare deletions by the same clients.
// `node bench/erase.ts [--rounds N]`

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { acceptErasure, parseInstant, startRefresh, tagOf, toEpochMs } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { openPlatform, type Platform, stopServices } from "@steward/local";
import { median } from "./support/median.ts";

const CDNOW = resolve(import.meta.dirname, "../data/cdnow.csv");
const POLL_MS = 5;

export interface EraseResult {
  readonly workerLifeMs: number;
  /** Request to neither store giving the record, worst and median of the rounds. */
  readonly unreadableMs: { readonly median: number; readonly worst: number };
  readonly certifiedMs: number;
  /** Fence and soft deletion of one subject, nothing else. */
  readonly floorMs: number;
}

export async function benchErase(rounds: number): Promise<EraseResult> {
  const stateDir = mkdtempSync(join(tmpdir(), "steward-bench-"));
  const platform = await openPlatform({ stateDir, groups: [customerPurchases] });
  try {
    platform.startWorkers();
    const asOfMs = parseInstant("1997-10-01");
    const refresh = { group: customerPurchases.name, asOfMs, inputs: [CDNOW] };
    await platform.settled(await startRefresh(platform.ports, refresh));
    const unreadable: number[] = [];
    const certified: number[] = [];
    const floors: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      floors.push(await timeFloor(platform, customer(1_000 + round)));
      const timed = await timeErasure(platform, customer(42 + round));
      unreadable.push(timed.unreadableMs);
      certified.push(timed.certifiedMs);
      console.log(
        `round ${round + 1}: unreadable after ${timed.unreadableMs.toFixed(0)} ms, certificate after ${(timed.certifiedMs / 1_000).toFixed(1)} s; bare deletions ${floors.at(-1)?.toFixed(0)} ms`,
      );
    }
    return {
      unreadableMs: { median: median(unreadable), worst: Math.max(...unreadable) },
      certifiedMs: median(certified),
      workerLifeMs: platform.ports.settings.workerLifeMs,
      floorMs: median(floors),
    };
  } finally {
    await platform.close();
    await stopServices(stateDir, true);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

const customer = (number: number): string => String(number).padStart(5, "0");

async function timeErasure(
  platform: Platform,
  identifier: string,
): Promise<{ readonly unreadableMs: number; readonly certifiedMs: number }> {
  if (!(await isReadable(platform, identifier))) throw new Error(`${identifier} should have been readable`);
  const begun = performance.now();
  const accepted = acceptErasure(platform.ports, { entity: "customer", identifiers: [identifier] });
  const unreadableMs = watch(platform, identifier).then(() => performance.now() - begun);
  const { run } = await accepted;
  const settled = await platform.settled(run);
  if (settled.outcome !== "certified") throw new Error(`the erasure ended as ${settled.outcome}`);
  return { unreadableMs: await unreadableMs, certifiedMs: performance.now() - begun };
}

async function watch(platform: Platform, identifier: string): Promise<void> {
  while (await isReadable(platform, identifier)) await new Promise((done) => setTimeout(done, POLL_MS));
}

async function isReadable({ ports }: Platform, identifier: string): Promise<boolean> {
  const pseudonym = ports.pseudonymiser.pseudonym("customer", identifier);
  const [online, hot] = await Promise.all([
    ports.onlineStore.read(customerPurchases, [identifier]),
    ports.hotStore.read(customerPurchases, [pseudonym]),
  ]);
  return online[0] !== undefined || hot[0] !== undefined;
}

async function timeFloor(platform: Platform, identifier: string): Promise<number> {
  const { hotStore, onlineStore, pseudonymiser, clock } = platform.ports;
  const pseudonym = pseudonymiser.pseudonym("customer", identifier);
  const untilMs = toEpochMs(clock.now());
  const begun = performance.now();
  await hotStore.applyFences(
    customerPurchases.owner,
    tagOf(pseudonym),
    [customerPurchases.name],
    [{ pseudonym, untilMs }],
  );
  await onlineStore.delete(customerPurchases, identifier, { mode: "soft", eventTimeMs: untilMs });
  if (await isReadable(platform, identifier)) throw new Error(`${identifier} is readable still`);
  return performance.now() - begun;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
  const { unreadableMs, certifiedMs, workerLifeMs, floorMs } = await benchErase(Number(values.rounds));
  console.log(
    `unreadable online and hot after ${unreadableMs.median.toFixed(0)} ms, at worst ${unreadableMs.worst.toFixed(0)} ms (bar: at most 2,000); bare deletions ${floorMs.toFixed(0)} ms`,
  );
  console.log(
    `to the certificate: ${(certifiedMs / 1_000).toFixed(1)} s, of which ${workerLifeMs / 1_000} s wait for the longest life of a worker`,
  );
}
