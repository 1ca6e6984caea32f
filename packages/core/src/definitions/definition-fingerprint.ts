// Decides when two definitions of a group mean the same: when all that shapes its records is equal.

import { crc64Avro } from "./avro-schema.ts";
import type { FeatureGroup } from "./feature-group.ts";

/**
 * 16 hex digits over entity, source, identifier, measures, subject columns and ttl. What only a reader or an operator sees
 * (defaults, schedule, freshness, history, owner, descriptions, the watched partition) and the order of declaration do not count.
 */
export function definitionFingerprint(group: FeatureGroup): string {
  const { entity, source, path, recordIdentifier, features, subjectColumns, ttlMs } = group;
  const measures = features.map(({ name, aggregation: { measure, windowMs, filters } }) => [
    name,
    measure,
    windowMs ?? null,
    filters,
  ]);
  return fingerprintText(
    JSON.stringify([
      entity.name,
      [source.name, byName(source.columns), source.eventTime, source.eventId ?? null],
      recordIdentifier,
      measures,
      byName(subjectColumns),
      ttlMs ?? null,
      ...(path === "batch" ? [] : [path]),
    ]),
  );
}

export function fingerprintText(text: string): string {
  return crc64Avro(text).toString(16).padStart(16, "0");
}

function byName<T>(entries: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(entries).sort(([left], [right]) => (left < right ? -1 : 1));
}
