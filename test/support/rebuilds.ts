// Rebuilds of the tests, and what stands against them: suppressions, lost and changed records.

import {
  type EpochMs,
  type FeatureGroup,
  type FeatureRecord,
  type RebuildReport,
  type RebuildRequest,
  type RecordRow,
  type Run,
  startRebuild,
  suppressionPartition,
  tagOf,
} from "@steward/core";
import type { Platform } from "@steward/local";
import { exportRows } from "./platform.ts";

/** Rebuilds and waits for the end. */
export async function rebuild(
  platform: Platform,
  group: string,
  request: Partial<RebuildRequest> = {},
): Promise<Run> {
  return platform.settled(await startRebuild(platform.ports, { group, asOfMs: undefined, ...request }));
}

export function reportOf(run: Run): RebuildReport {
  return run.report as unknown as RebuildReport; // core wrote it
}

export async function wipeAll(platform: Platform): Promise<void> {
  await platform.wipe("hot");
  await platform.wipe("online");
}

/** As an erasure records it: without its time it covers everything. */
export async function suppress(
  platform: Platform,
  entity: string,
  recordId: string,
  untilMs?: EpochMs,
): Promise<void> {
  const pseudonym = platform.ports.pseudonymiser.pseudonym(entity, recordId);
  const partition = suppressionPartition(entity, tagOf(pseudonym));
  const body = untilMs === undefined ? {} : { untilMs };
  await platform.ports.ledger.put({ partition, sort: pseudonym }, body, "absent");
}

/** Puts records into both stores, past any run. */
export async function writeBoth(
  platform: Platform,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
): Promise<void> {
  const { hotStore, onlineStore, pseudonymiser, clock } = platform.ports;
  const keyed = records.map((record) => ({
    record,
    pseudonym: pseudonymiser.pseudonym(group.entity.name, record.recordId),
  }));
  await hotStore.write(group, keyed, clock.now());
  await onlineStore.write(group, records);
}

export interface StoreRows {
  readonly online: readonly RecordRow[];
  readonly hot: readonly RecordRow[];
}

export async function exportBoth(platform: Platform, group: FeatureGroup): Promise<StoreRows> {
  return {
    online: await exportRows(platform, group, "online"),
    hot: await exportRows(platform, group, "hot"),
  };
}
