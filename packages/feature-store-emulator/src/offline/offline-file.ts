// Decides: how rows become one file of the offline store: its S3 URI, its columns and their types.
// Leaves to others: which rows, and when (offline-flush.ts).
// Source: the offline store page of the SageMaker guide, read 2026-11-22.
import { createHash } from "node:crypto";
import { type EventTime, toEpochMs, toEventTime } from "../rules/event-time.ts";
import { eventTimeType } from "../rules/record-values.ts";
import type { FeatureGroup, FeatureSlot } from "../store/feature-group.ts";
import type { LoggedRow } from "../store/offline-log.ts";

export interface OfflineFile {
  readonly uri: string;
  readonly bytes: Uint8Array;
}

/** The rows of one hour of event time; never empty. */
export type RowsOfHour = readonly LoggedRow[];

/** Rows by `year=…/month=…/day=…/hour=…` of their event time, in UTC. */
export function partitionRows(
  group: FeatureGroup,
  rows: readonly LoggedRow[],
): ReadonlyMap<string, RowsOfHour> {
  return Map.groupBy(rows, (row) => {
    const iso = new Date(toEpochMs(eventTimeOf(group, row))).toISOString();
    const [year, month, day, hour] = [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10), iso.slice(11, 13)];
    return `year=${year}/month=${month}/day=${day}/hour=${hour}`;
  });
}

/** The same rows at the same write time give the same URI and the same bytes. */
export async function toOfflineFile(
  group: FeatureGroup,
  partition: string,
  rows: RowsOfHour,
  writeTimeMs: number,
): Promise<OfflineFile> {
  return {
    uri: `${dataUri(group)}/${partition}/${fileName(group, partition, rows)}`,
    bytes: await toParquet(group, rows, writeTimeMs),
  };
}

/** The latest event time of the file's rows, underscore, sixteen letters and digits. */
function fileName(group: FeatureGroup, partition: string, rows: RowsOfHour): string {
  const latestMs = rows.reduce(
    (latest, row) => Math.max(latest, toEpochMs(eventTimeOf(group, row))),
    Number.NEGATIVE_INFINITY,
  );
  const iso = new Date(latestMs).toISOString();
  const time = `${iso.slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const named = JSON.stringify([group.id, partition, rows[0]?.id, rows.at(-1)?.id, rows.length]);
  return `${time}_${createHash("sha256").update(named).digest("hex").slice(0, 16)}.parquet`;
}

async function toParquet(group: FeatureGroup, rows: RowsOfHour, writeTimeMs: number): Promise<Uint8Array> {
  // Loaded with the first file: most emulators never flush one.
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const written = new Date(writeTimeMs);
  const columnData = [
    ...[...group.slots.values()].map((slot) => toColumn(slot, rows)),
    { name: "write_time", data: rows.map(() => written), type: "TIMESTAMP" as const },
    {
      name: "api_invocation_time",
      data: rows.map(({ apiInvocationMs }) => new Date(apiInvocationMs)),
      type: "TIMESTAMP" as const,
    },
    { name: "is_deleted", data: rows.map(({ isDeleted }) => isDeleted), type: "BOOLEAN" as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: "steward-feature-store" }));
}

function toColumn({ name, ordinal, type }: FeatureSlot, rows: RowsOfHour) {
  const texts = rows.map(({ values }) => values[ordinal] ?? null);
  const scalar = (text: (typeof texts)[number]): string | null => (typeof text === "string" ? text : null);
  switch (type) {
    case "Integral":
      return { name, data: texts.map((text) => toInt64(scalar(text))), type: "INT64" as const };
    case "Fractional":
      return {
        name,
        data: texts.map((text) => (scalar(text) === null ? null : Number(text))),
        type: "DOUBLE" as const,
      };
    case "String":
      return { name, data: texts.map(scalar), type: "STRING" as const };
  }
}

function toInt64(text: string | null): bigint | null {
  return text === null ? null : BigInt(text.startsWith("+") ? text.slice(1) : text);
}

function eventTimeOf(group: FeatureGroup, { values }: LoggedRow): EventTime {
  const text = values[group.eventTimeSlot.ordinal];
  return toEventTime(typeof text === "string" ? text : "", eventTimeType(group));
}

function dataUri(group: FeatureGroup): string {
  const config = group.definition.echoed.OfflineStoreConfig as {
    readonly S3StorageConfig: { readonly ResolvedOutputS3Uri: string };
  }; // CreateFeatureGroup resolved it
  return config.S3StorageConfig.ResolvedOutputS3Uri;
}
