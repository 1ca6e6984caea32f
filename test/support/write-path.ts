// The write path with stores that fail where a test says so: ledger and pseudonyms are real, hot and online store obey.

import { HmacPseudonymiser } from "@steward/adapters";
import {
  createRun,
  DEFAULT_SETTINGS,
  type FeatureGroup,
  type FeatureRecord,
  type Fence,
  type HotOutcome,
  type KeyedRecord,
  type Ledger,
  type OnlineOutcome,
  type Ports,
  planChunks,
  type Settings,
  toEpochMs,
} from "@steward/core";
import { saveChunks } from "../../packages/core/src/writing/chunk.ts";
import { aFeatureGroup } from "./builders.ts";
import { aLedger, DrivenTimer } from "./durable-stores.ts";

export const NOW = toEpochMs(1_000_000_000);
export const REFERENCE = { runId: "run-1", attempt: 1, redrives: 0, group: "customer-orders", chunk: 0 };

/** What happened at the stores' doors, in order. */
export type Call =
  | { readonly kind: "hot" | "online"; readonly ids: readonly string[] }
  | { readonly kind: "reserve"; readonly units: number }
  | { readonly kind: "fences"; readonly tag: string; readonly fences: readonly Fence[] };

export interface WritePathOptions {
  readonly records: readonly FeatureRecord[];
  readonly group?: FeatureGroup;
  readonly settings?: Partial<Settings>;
  /** What each store says of a record at its n-th try, from 1. Default: written. */
  readonly hot?: (recordId: string, tries: number) => HotOutcome | Promise<HotOutcome>;
  readonly online?: (recordId: string, tries: number) => OnlineOutcome;
  readonly waitMs?: number;
  readonly onRead?: (timer: DrivenTimer) => void;
}

export interface WritePath {
  readonly ports: Ports;
  readonly ledger: Ledger;
  readonly timer: DrivenTimer;
  readonly calls: readonly Call[];
  pseudonym(recordId: string): string;
}

/** A running refresh with one planned chunk of these records, and its ports. */
export async function aWritePath(options: WritePathOptions): Promise<WritePath> {
  const { records, group = aFeatureGroup(), settings = {} } = options;
  const ledger = aLedger();
  const timer = new DrivenTimer();
  const pseudonymiser = new HmacPseudonymiser(new Uint8Array(32).fill(7));
  const calls: Call[] = [];
  const tries = new Map<string, number>();
  const nextTry = (store: string, recordId: string): number => {
    const next = (tries.get(`${store} ${recordId}`) ?? 0) + 1;
    tries.set(`${store} ${recordId}`, next);
    return next;
  };
  const hotStore: Partial<Ports["hotStore"]> = {
    async write(_, keyed: readonly KeyedRecord[]) {
      const ids = keyed.map(({ record }) => record.recordId);
      calls.push({ kind: "hot", ids });
      return Promise.all(ids.map((id) => options.hot?.(id, nextTry("hot", id)) ?? "written"));
    },
    async applyFences(_, tag, __, fences) {
      calls.push({ kind: "fences", tag, fences });
    },
  };
  const onlineStore: Partial<Ports["onlineStore"]> = {
    async write(_, batch) {
      const ids = batch.map(({ recordId }) => recordId);
      calls.push({ kind: "online", ids });
      return ids.map((id) => options.online?.(id, nextTry("online", id)) ?? { kind: "written" });
    },
  };
  const offlineFiles: Partial<Ports["offlineFiles"]> = {
    async readRows(_, __, fromRow, rowCount) {
      options.onRead?.(timer);
      return records.slice(fromRow, fromRow + rowCount);
    },
  };
  const ports: Partial<Ports> = {
    ledger,
    timer,
    pseudonymiser,
    hotStore: hotStore as Ports["hotStore"],
    onlineStore: onlineStore as Ports["onlineStore"],
    offlineFiles: offlineFiles as Ports["offlineFiles"],
    clock: { now: () => NOW },
    definitions: { get: () => group, list: () => [group] },
    pacer: {
      async reserve(_, units) {
        calls.push({ kind: "reserve", units });
        return { waitMs: options.waitMs ?? 0 };
      },
    },
    settings: { ...DEFAULT_SETTINGS, ...settings },
  };
  await createRun(ledger, {
    runId: "run-1",
    workflow: "refresh",
    group: group.name,
    asOfMs: NOW,
    inputs: [],
    status: "running",
    attempt: 1,
    redrives: 0,
    token: 1,
    createdAtMs: 0,
    endedAtMs: null,
    outcome: null,
    error: null,
    report: null,
  });
  await saveChunks(
    ledger,
    REFERENCE,
    planChunks([{ key: "staged", rowCount: records.length, sizeBytes: 1 }], 10_000),
  );
  return {
    ports: ports as Ports,
    ledger,
    timer,
    calls,
    pseudonym: (recordId) => pseudonymiser.pseudonym("customer", recordId),
  };
}
