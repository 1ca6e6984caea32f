// Decides which history is past its limit and removes it, every version: records by the hour of the data that their file lies
// under, files of events by their youngest event. Never by the age of an object, which an erasure that rewrites it renews.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { Source } from "../definitions/source.ts";
import { expireEventFiles, readEventTable } from "../ledger/event-table.ts";
import { findPlace } from "../ledger/group-place.ts";
import { purgeKey } from "../ledger/json-object.ts";
import { changeManifest, mapManifests } from "../ledger/offline-manifest.ts";
import type { Ports } from "../ports/ports.ts";

export type HistoryPorts = Pick<Ports, "clock" | "definitions" | "ledger" | "objects">;

/** Of a group or a source: files that are no longer read, and files that are gone. */
export interface ExpiredHistory {
  readonly of: string;
  readonly leftOut: number;
  readonly removed: number;
}

const HOUR_MS = 3_600_000;
/** Feature Store's Glue layout: every row of the file is dated within the hour. */
const HOUR = /\/year=(\d{4})\/month=(\d{2})\/day=(\d{2})\/hour=(\d{2})\//;

/** Those of which anything was past its limit. The same again finishes what a kill left. */
export async function expireHistory(ports: HistoryPorts): Promise<readonly ExpiredHistory[]> {
  const groups = ports.definitions.list();
  const sources = new Map(groups.map(({ source }) => [source.name, source]));
  const expired: ExpiredHistory[] = [];
  for (const group of groups) expired.push(await expireRecords(ports, group));
  for (const source of sources.values()) expired.push(await expireEvents(ports, source));
  return expired.filter(({ leftOut, removed }) => leftOut + removed > 0);
}

/** A file that a manifest names is named no longer, and removed by the next look: whoever reads it may end. */
async function expireRecords(ports: HistoryPorts, group: FeatureGroup): Promise<ExpiredHistory> {
  const none = { of: group.name, leftOut: 0, removed: 0 };
  const place = await findPlace(ports.ledger, group.name);
  if (group.historyMs === undefined || place === undefined) return none;
  const limitMs = ports.clock.now() - group.historyMs;
  const versions = await ports.objects.listVersions(`${place.offlinePrefix}data/`);
  const keys = [...new Set(versions.map(({ key }) => key))].filter((key) => endOfHour(key) <= limitMs);
  if (keys.length === 0) return none;
  const manifests = await mapManifests(ports.objects, place.offlinePrefix);
  const named = keys.filter((key) => manifests.has(key));
  for (const key of named)
    await changeManifest(ports.objects, manifests.get(key) ?? "", key, () => undefined);
  const unnamed = keys.filter((key) => !manifests.has(key));
  for (const key of unnamed) await purgeKey(ports.objects, key);
  return { of: group.name, leftOut: named.length, removed: unnamed.length };
}

async function expireEvents({ clock, objects }: HistoryPorts, source: Source): Promise<ExpiredHistory> {
  const none = { of: source.name, leftOut: 0, removed: 0 };
  if (source.historyMs === undefined) return none;
  const limitMs = clock.now() - source.historyMs;
  const { files, removing } = await readEventTable(objects, source.name);
  const keys = files.flatMap(({ eventKey, maxEventTimeMs = Number.POSITIVE_INFINITY }) =>
    eventKey !== undefined && maxEventTimeMs < limitMs ? [eventKey] : [],
  );
  if (keys.length + removing.length === 0) return none;
  await expireEventFiles(objects, source.name, new Set(keys));
  return { ...none, removed: keys.length };
}

/** When the last instant of the file's hour has passed; never, of a key that names none. */
function endOfHour(key: string): number {
  const [, year, month, day, hour] = HOUR.exec(key) ?? [];
  if (hour === undefined) return Number.POSITIVE_INFINITY;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour)) + HOUR_MS;
}
