// Decides what the offline store of a rebuild's benchmark holds: one file as Feature Store would have written it, half of
// the records with an older row each.

import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type FeatureGroup, type FeatureRecord, getPlace, quoteName, quoteText } from "@steward/core";
import type { Platform } from "@steward/local";
import { hotValueCodec } from "../../packages/adapters/src/hot/hot-value.ts";
import { ensurePlace } from "../../packages/core/src/ledger/group-place.ts";

/** A name of AWS's own, which needs no manifest. */
const FILE = "data/year=1997/month=10/day=01/hour=00/19971001T000000Z_AbCdEfGhIjKlMnOp.parquet";

const SAMPLE_RECORDS = 1_000;
/** More than any value here has. */
export const MAX_VALUE_BYTES = 1_024;

/** Registers the group and puts its file. The mean size of a hot value. */
export async function putOfflineRecords(
  platform: Platform,
  group: FeatureGroup,
  records: number,
  scratch: string,
): Promise<number> {
  const { ledger, onlineStore, objects } = platform.ports;
  await ensurePlace(ledger, onlineStore, group);
  const { offlinePrefix } = await getPlace(ledger, group.name);
  const path = join(scratch, "offline.parquet");
  const features = group.features.map(
    ({ name, type }, index) => `${valueSql(type.kind, index)} AS ${quoteName(name)}`,
  );
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: "1GB" });
  const connection = await instance.connect();
  const rows = (condition: string, day: string): string => `
    SELECT printf('%08d', range) AS ${quoteName(group.recordIdentifier)}, ${features.join(", ")},
      '${day}T00:00:00.000Z' AS event_time, TIMESTAMP '${day}' AS write_time,
      TIMESTAMP '${day}' AS api_invocation_time, false AS is_deleted
    FROM range(${records}) WHERE ${condition}`;
  await connection.run(`COPY (${rows("range % 2 = 0", "1997-09-01")} UNION ALL ${rows("true", "1997-10-01")})
    TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
  await objects.putFile(`${offlinePrefix}${FILE}`, path);
  const codec = hotValueCodec(group);
  const value = Buffer.alloc(MAX_VALUE_BYTES);
  const sample = await sampleRecords(platform, group);
  const bytes = sample.reduce((sum, record) => sum + codec.encodeInto(record, value, 0), 0);
  return Math.round(bytes / sample.length);
}

/** The first records of the file. */
export async function sampleRecords(
  platform: Platform,
  group: FeatureGroup,
): Promise<readonly FeatureRecord[]> {
  const { ledger, offlineFiles } = platform.ports;
  const { offlinePrefix } = await getPlace(ledger, group.name);
  const rows = await offlineFiles.readRows(group, `${offlinePrefix}${FILE}`, 0, SAMPLE_RECORDS);
  return rows.map(({ recordId, eventTimeMs, features }) => ({ recordId, eventTimeMs, features }));
}

function valueSql(kind: string, index: number): string {
  switch (kind) {
    case "text":
      return `printf('text-%d', range % 97)`;
    case "instant":
    case "date":
      return "'1997-09-30T00:00:00.000Z'";
    case "boolean":
    case "integer":
      return `range % ${5 + index}`;
    default:
      return `CAST(range % 9973 AS DOUBLE) / ${100 + index}`;
  }
}
