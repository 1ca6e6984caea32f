// Decides when two definitions of a group mean the same: when all that shapes its records is equal.

import { crc64Avro } from "./avro-schema.ts";
import type { FeatureGroup } from "./feature-group.ts";

/** 16 hex digits over source, identifier and features; schedule, freshness, owner and descriptions do not count. */
export function definitionFingerprint(group: FeatureGroup): string {
  const { source, recordIdentifier, features, subjectColumns, ttlMs } = group;
  return fingerprintText(JSON.stringify([source, recordIdentifier, features, subjectColumns, ttlMs ?? null]));
}

export function fingerprintText(text: string): string {
  return crc64Avro(text).toString(16).padStart(16, "0");
}
