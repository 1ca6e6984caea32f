// The hot store (Redis): the newest record of each subject, fenced against suppressed writes.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord, FeatureValue } from "../definitions/value.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { Pseudonym } from "./pseudonymiser.ts";

export interface KeyedRecord {
  readonly pseudonym: Pseudonym;
  readonly record: FeatureRecord;
}

/**
 * What became of one record. `unguarded`: the tag's fences may be lost (after a flush, a restart, a failover), nothing was
 * written; apply the fences of that tag, then write again. `written` includes "the same bytes were there".
 */
export type HotOutcome = "written" | "newerKept" | "suppressed" | "expired" | "unguarded";

export interface HotValue {
  readonly eventTimeMs: EpochMs;
  readonly features: Readonly<Record<string, FeatureValue>>;
}

export interface Fence {
  readonly pseudonym: Pseudonym;
  /** Nothing dated at or before this may be written. */
  readonly untilMs: EpochMs;
}

/** What became of the stored values that name a subject in one of their features. */
export interface NamedRemoval {
  /** Values that were looked at. One may be counted twice where the store moves it meanwhile. */
  readonly lookedAt: number;
  /** Gone: they named a subject and were dated at or before its `untilMs`. */
  readonly removed: number;
  /** They name a subject, and are newer. */
  readonly newerKept: number;
}

export interface HotStore {
  /** One outcome a record, in order. Records of one tag are written by one script, atomically. `nowMs` is the platform's
   * clock, for the remaining life of a value. @throws UnavailableError when Redis cannot be reached; then any part may
   * have been written and the same call may be made again. */
  write(group: FeatureGroup, records: readonly KeyedRecord[], nowMs: EpochMs): Promise<readonly HotOutcome[]>;
  /** The values, in order; undefined: none. */
  read(group: FeatureGroup, pseudonyms: readonly Pseudonym[]): Promise<readonly (HotValue | undefined)[]>;
  /** The pseudonyms that have a value in the group, in no order; scans. */
  scan(group: FeatureGroup): AsyncIterable<readonly Pseudonym[]>;
  /** For one owner and tag: removes values dated at or before each fence, raises the fences, waits for the replicas that
   * there are (half a second at most), and guards the tag: writes go on. So `fences` are all of that owner and tag, and
   * `groups` the names of the owner's groups whose values may exist. @throws UnavailableError */
  applyFences(owner: string, tag: string, groups: readonly string[], fences: readonly Fence[]): Promise<void>;
  /** Removes the group's values whose `feature` is one of these pseudonyms and whose date is at or before its fence, each
   * only if it is still the value that was read. Scans the whole group; raises no fence, so that whoever was writing may
   * bring one back: asked again after the writers have ended, it finds that one too.
   * @throws UnavailableError; then any part is done and the same call may be made again. */
  removeNamed(group: FeatureGroup, feature: string, subjects: readonly Fence[]): Promise<NamedRemoval>;
  /** The tags of an owner into which nothing would be written: those whose fences may be lost, or were never applied. */
  listUnguarded(owner: string): Promise<readonly string[]>;
  /** Another text whenever a server of the store was started or replaced since: then what it held may be older than what
   * was acknowledged. A flush does not change it. */
  incarnation(): Promise<string>;
}
