// What the tests of an erasure's holes share: a small shop with one customer who is erased while something comes in
// between, calls that stop where a test says, and a look behind every reader for what is left of a customer.

import { DrivenClock } from "@steward/adapters";
import {
  acceptErasure,
  type ChunkReference,
  chunkReference,
  type EpochMs,
  type ErasureReport,
  endAsOf,
  type FeatureRecord,
  type Run,
  readRecord,
  registerAsOf,
  type StoreName,
  type SubjectRows,
  startRefresh,
} from "@steward/core";
import { customerPurchases } from "@steward/features";
import { openPlatform, type Platform, type PlatformOptions } from "@steward/local";
import { expect } from "vitest";
import { drainDocument, drainKey } from "../../packages/core/src/erasure/erasure-documents.ts";
import { findJson } from "../../packages/core/src/ledger/json-object.ts";
import { makeCanaries } from "./leak-search.ts";
import { at, exportRows, GROUPS } from "./platform.ts";
import { purchasesOf, writeCsv } from "./purchase-files.ts";
import { until } from "./until.ts";

export const GROUP = customerPurchases.name;
/** Whoever is erased. */
export const [PERSON = "", OTHER = ""] = makeCanaries(2, 11);
/** The customers beside: 00000 to 00019. */
export const OTHERS = 20;
/** The shop's clock stands here until a test drives it on. */
export const NOW = at("2026-02-01");
/** The T of an erasure at NOW. */
export const T_AT_NOW = (NOW + 1) as EpochMs;
export const STORES: readonly StoreName[] = ["hot", "online", "offline"];

/** Longer than any test takes. */
const HELD_MS = 600_000;
const JANUARY = "2026-01-05";

export interface Shop {
  readonly platform: Platform;
  /** The states that machines enter, as `workflow: state`. */
  readonly entered: string[];
  /** Writes a file of purchases; its path. */
  file(name: string, rows: readonly string[]): string;
}

/** A platform; where a customer is named, with January's purchases refreshed into the stores, and workers. */
export async function openShop(
  stateDir: string,
  customer?: string,
  options: Partial<PlatformOptions> = {},
): Promise<Shop> {
  const entered: string[] = [];
  const { settings, ...others } = options;
  const platform = await openPlatform({
    stateDir,
    groups: GROUPS,
    clockMs: NOW,
    onState: (machine, _execution, state) => entered.push(`${machine}: ${state}`),
    settings: { workerLifeMs: 1_000, offlineBufferMs: 100, ...settings },
    ...others,
  });
  const shop: Shop = { platform, entered, file: (name, rows) => writeCsv(stateDir, name, rows) };
  if (customer === undefined) return shop;
  platform.startWorkers();
  const run = await startJanuary(shop, customer);
  expect(await platform.settled(run)).toMatchObject({ status: "succeeded" });
  expect(await readEverywhere(platform, customer)).not.toContain(undefined);
  entered.length = 0;
  return shop;
}

export function startJanuary({ platform, file }: Shop, ...customers: readonly string[]): Promise<Run> {
  const inputs = [file("purchases.csv", januaryOf(...customers))];
  return startRefresh(platform.ports, { group: GROUP, asOfMs: at("2026-01-20"), inputs });
}

export function drive({ ports }: Platform, nowMs: EpochMs): void {
  if (!(ports.clock instanceof DrivenClock)) throw new Error("the clock of a local platform can be driven");
  ports.clock.set(nowMs);
}

/** Rows of January: one of each of the others, and one of each of these. */
function januaryOf(...customers: readonly string[]): readonly string[] {
  return [...purchasesOf(OTHERS, JANUARY), ...customers.map((id) => `${id},${JANUARY},3,30.00`)];
}

export async function startErasure(platform: Platform, ...identifiers: readonly string[]): Promise<Run> {
  return (await acceptErasure(platform.ports, { entity: "customer", identifiers })).run;
}

export async function erase(platform: Platform, ...identifiers: readonly string[]): Promise<Run> {
  return platform.settled(await startErasure(platform, ...identifiers));
}

export function reportOf(run: Run): ErasureReport {
  return run.report as unknown as ErasureReport; // core wrote it
}

/** How many rows, records or versions went from a kind of copy, over all groups. */
export function erasedIn(run: Run, copy: string): number {
  return reportOf(run)
    .copies.filter((one) => one.copy === copy)
    .reduce((sum, { erased }) => sum + erased, 0);
}

/** Until the erasure has waited for the longest life of a worker, so that only a computation can hold it. */
export async function workersOutlived(shop: Shop, erasure: Run): Promise<void> {
  const { objects, timer, settings } = shop.platform.ports;
  await until("the workers' life is over", async () => {
    const drain = await findJson(objects, drainKey(erasure.runId), drainDocument);
    return drain !== undefined && timer.nowMs() > drain.value.settledAtMs + settings.workerLifeMs + 500;
  });
}

/** Somebody registered before the suppression and still at work; the answer ends that. */
export async function holdTheDrain({ ports }: Platform): Promise<() => Promise<void>> {
  const { holders, ledger, timer } = ports;
  const ref = { runId: "somebody", attempt: 1 };
  const expiresAtMs = timer.nowMs() + HELD_MS;
  await registerAsOf(ledger, "customer", { ...ref, asOfMs: NOW, process: holders.current(), expiresAtMs });
  return () => endAsOf(ledger, "customer", ref);
}

/** The reference to a chunk of the run. It is visible to others again at once, as if its worker had stalled. */
export async function receiveChunk({ ports }: Platform, run: Run): Promise<ChunkReference> {
  return until("a chunk is sent", async () => {
    const [message] = await ports.chunkQueue.receive(1, 1);
    if (message === undefined) return undefined;
    const reference = chunkReference.parse(JSON.parse(message.body));
    if (reference.runId === run.runId) return reference;
    await ports.chunkQueue.acknowledge(message.receipt); // of a run that has ended
    return undefined;
  });
}

export async function queueEmpty({ ports }: Platform): Promise<void> {
  await until("the queue is empty", async () => {
    const { ready, inFlight } = await ports.chunkQueue.depth();
    return ready + inFlight === 0;
  });
}

export interface Pause {
  readonly reached: Promise<void>;
  release(): void;
}

export function aPause(): Pause & { readonly stop: () => Promise<void> } {
  const reaching = Promise.withResolvers<void>();
  const releasing = Promise.withResolvers<void>();
  return {
    reached: reaching.promise,
    release: releasing.resolve,
    stop() {
      reaching.resolve();
      return releasing.promise;
    },
  };
}

/** Does something after the next call of a method (that fits), which else does what it always does. */
export function onceAfter<Name extends string, Given extends readonly never[]>(
  target: Record<Name, (...given: Given) => Promise<unknown>>,
  name: Name,
  work: () => Promise<unknown>,
  fits: (...given: Given) => boolean = () => true,
): void {
  const original = target[name];
  target[name] = async (...given) => {
    if (!fits(...given)) return original.apply(target, given as never);
    target[name] = original;
    const result = await original.apply(target, given as never);
    await work();
    return result;
  };
}

/** The record in the three stores, as anybody may read it. */
export function readEverywhere(
  platform: Platform,
  recordId: string,
): Promise<readonly (FeatureRecord | undefined)[]> {
  return Promise.all(STORES.map((store) => readRecord(platform.ports, customerPurchases, recordId, store)));
}

/** Where the customer still is, tombstones and hidden versions included; empty: nowhere. */
export async function placesLeft(platform: Platform, recordId: string): Promise<readonly string[]> {
  const { erasureFiles, objects, onlineStore } = platform.ports;
  const read = await readEverywhere(platform, recordId);
  const places: string[] = STORES.filter((_, index) => read[index] !== undefined);
  for await (const page of onlineStore.list(customerPurchases, { includeSoftDeleted: true }))
    if (page.includes(recordId)) places.push("online, deleted or not");
  for (const version of await objects.listVersions("")) {
    if (version.isDeleteMarker || !version.key.endsWith(".parquet")) continue;
    const { rows } = await erasureFiles.count(version, rowsOf(version.key, recordId));
    if (rows > 0) places.push(version.key);
  }
  return places;
}

/** A customer's rows, of whatever date, in a file of that key. */
export function rowsOf(key: string, recordId: string): SubjectRows {
  return {
    layout: key.startsWith("events/") ? { kind: "events", eventTime: "date" } : { kind: "offline" },
    columns: ["customer_id"],
    subjects: [{ identifier: recordId, untilMs: at("2030-01-01") }],
  };
}

/** The three stores hold the others, all dated so, and beside them only who is named. */
export async function expectTheOthers(
  platform: Platform,
  eventTime: string,
  ...beside: readonly string[]
): Promise<void> {
  for (const store of STORES) {
    const rows = await exportRows(platform, customerPurchases, store);
    const others = rows.filter(({ recordId }) => !beside.includes(recordId));
    expect(others.map((row) => row.eventTime)).toEqual(Array(OTHERS).fill(eventTime));
    expect(rows).toHaveLength(OTHERS + beside.length);
  }
}
