// Decides whether the stores hold what a chunk of a snapshot has: each record with the same values, or a newer one.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import type { Target } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { isSuppressed, readSuppressionsOf } from "../suppression/read-suppressions.ts";
import type { Chunk } from "../writing/chunk.ts";
import { isExpired } from "../writing/write-chunk.ts";

/** `missing`: the store has none. `stale`: an older one. `different`: one of the same event time with other values. */
export type Difference = "missing" | "stale" | "different";

/** Of one record, what is wrong with it in each target. */
export type Comparison = Readonly<Partial<Record<Target, Difference | undefined>>>;

/** One a record that must be there: a suppressed or an expired one need not. */
export async function compareChunk(
  ports: Ports,
  group: FeatureGroup,
  chunk: Chunk,
  targets: readonly Target[],
): Promise<readonly Comparison[]> {
  const { key, fromRow, rowCount, checksum } = chunk;
  const rows = await ports.offlineFiles.readRows(group, key, fromRow, rowCount, checksum);
  const records = await withoutExcused(ports, group, rows);
  const ids = records.map(({ recordId }) => recordId);
  const held: Partial<Record<Target, readonly (FeatureRecord | undefined)[]>> = {};
  if (targets.includes("online")) held.online = await ports.onlineStore.read(group, ids);
  if (targets.includes("hot")) held.hot = await readHot(ports, group, ids);
  return records.map((record, index) =>
    Object.fromEntries(targets.map((target) => [target, compareRecord(record, held[target]?.[index])])),
  );
}

/** Undefined: as it should be. A newer record in the store is: newest wins. */
export function compareRecord(
  wanted: FeatureRecord,
  held: FeatureRecord | undefined,
): Difference | undefined {
  if (held === undefined) return "missing";
  if (held.eventTimeMs !== wanted.eventTimeMs)
    return held.eventTimeMs < wanted.eventTimeMs ? "stale" : undefined;
  return hasSameValues(wanted.features, held.features) ? undefined : "different";
}

function hasSameValues(wanted: FeatureRecord["features"], held: FeatureRecord["features"]): boolean {
  const names = Object.keys(wanted);
  return names.length === Object.keys(held).length && names.every((name) => held[name] === wanted[name]);
}

async function withoutExcused(
  ports: Ports,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
): Promise<readonly FeatureRecord[]> {
  const pseudonyms = records.map(({ recordId }) =>
    ports.pseudonymiser.pseudonym(group.entity.name, recordId),
  );
  const suppressions = await readSuppressionsOf(ports.ledger, group.entity.name, pseudonyms);
  const nowMs = ports.clock.now();
  return records.filter(
    ({ eventTimeMs }, index) =>
      !isSuppressed(suppressions.get(pseudonyms[index] ?? ""), eventTimeMs) &&
      !isExpired(group, eventTimeMs, nowMs),
  );
}

async function readHot(
  ports: Ports,
  group: FeatureGroup,
  ids: readonly string[],
): Promise<readonly (FeatureRecord | undefined)[]> {
  const pseudonyms = ids.map((id) => ports.pseudonymiser.pseudonym(group.entity.name, id));
  const values = await ports.hotStore.read(group, pseudonyms);
  return ids.map((recordId, index) => {
    const value = values[index];
    return value === undefined ? undefined : { recordId, ...value };
  });
}
