// Decides every size, limit and retention of a stage. Where a figure is the platform's own (design §1) or AWS's, its source
// stands beside it.

import { type Settings, toSettings } from "@steward/core";
import type { ApiSettings } from "./api.ts";
import type { HotSettings } from "./hot.ts";
import { type OperationsSettings, operationsSettings } from "./operations-settings.ts";

export interface StorageSettings {
  /** History is read by rebuilds and training, seldom and at once: Glacier Instant Retrieval. */
  readonly glacierAfterDays: number;
  /** Versions that an erasure or a rewrite left behind; an erasure removes its own at once, this is the net below. */
  readonly oldVersionDays: number;
  readonly stagingDays: number;
  readonly incomingDays: number;
  readonly unfinishedUploadDays: number;
  readonly evidenceLock: { readonly mode: "COMPLIANCE" | "GOVERNANCE"; readonly days: number };
}

export interface FunctionSettings {
  readonly memoryMb: number;
  /** Of those that read Parquet files by DuckDB. */
  readonly fileMemoryMb: number;
  readonly fileDiskMb: number;
  readonly logDays: number;
}

export interface StageSettings extends OperationsSettings {
  readonly isProd: boolean;
  readonly zones: number;
  readonly storage: StorageSettings;
  readonly hot: HotSettings;
  readonly streams: { readonly retentionHours: number };
  readonly queue: { readonly retentionDays: number };
  readonly functions: FunctionSettings;
  readonly api: Omit<ApiSettings, "logDays">;
  /** Core's own, with its defaults: pace, chunks, worker's life, receipts. */
  readonly core: Settings;
}

/** Prod keeps and protects what it holds; any other stage is small and can be removed whole. */
export function stageSettings(stage: string): StageSettings {
  const isProd = stage === "prod";
  const operating = operationsSettings(isProd);
  return {
    isProd,
    // A shard and its replicas lie in different ones; a third lets synchronous writes go on when one is lost.
    zones: isProd ? 3 : 2,
    storage: {
      // The least that AWS bills an object of the class for (S3 user guide, storage classes, 2026-11-22).
      glacierAfterDays: 90,
      oldVersionDays: 30,
      stagingDays: 7,
      incomingDays: isProd ? 30 : 7,
      unfinishedUploadDays: 7,
      evidenceLock: isProd ? { mode: "COMPLIANCE", days: 5 * 365 } : { mode: "GOVERNANCE", days: 1 },
    },
    hot: isProd
      ? // Design §1: 1.67 million GET/s on 30 to 40 shards is the scale to plan for; a first stage begins with three.
        { nodeType: "cache.r7g.large", shards: 3, replicasPerShard: 2, snapshotDays: 0 }
      : { nodeType: "cache.t4g.small", shards: 1, replicasPerShard: 0, snapshotDays: 0 },
    // Design §1; Kinesis keeps 24 h unless told otherwise, 365 days at most.
    streams: { retentionHours: 168 },
    // SQS keeps a message for 14 days at most.
    queue: { retentionDays: 14 },
    // The disk is the most that Lambda gives: copies of the objects in use take up to 4 GiB of it (S3ObjectStore).
    functions: { memoryMb: 512, fileMemoryMb: 3_008, fileDiskMb: 10_240, logDays: isProd ? 90 : 7 },
    // People and their tools call it, not live traffic: what reads features goes to the stores.
    api: { requestsPerSecond: 20, burst: 40 },
    // Alarms look at whole periods: functions put their figures as often.
    core: toSettings({
      // Design §1: the pace of a group, in write units of 1 KB; AWS itself takes 10,000 calls a second of an account.
      unitsPerSecond: 1_000,
      checkPeriodMs: operating.alarms.checkPeriodMinutes * 60_000,
    }),
    ...operating,
  };
}
