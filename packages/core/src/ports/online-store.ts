// The online store (SageMaker Feature Store). Every call targets the online side alone, unless a write says otherwise.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

/**
 * What became of one record. `written` means acknowledged: Feature Store answers the same when a newer record was kept.
 * `throttled`: not done, may be tried again later. `failed`: will not succeed as it is; `reason` is Feature Store's error name.
 */
export type OnlineOutcome =
  | { readonly kind: "written" }
  | { readonly kind: "throttled" }
  | { readonly kind: "failed"; readonly reason: string };

export interface OnlineGroup {
  /** `s3://…/data`, where Feature Store and Steward keep the group's offline files; undefined without an offline store. */
  readonly offlineUri: string | undefined;
  readonly createdAtMs: EpochMs;
}

export interface OnlineWriteOptions {
  /** Each acknowledged record, a late or repeated one too, also becomes a row of the offline store, some minutes later. */
  readonly alsoOffline?: boolean;
}

export interface OnlineStore {
  /** Creates the group if it is not there and waits until it can be used; the same again changes nothing. */
  ensureGroup(group: FeatureGroup): Promise<OnlineGroup>;
  /** One outcome a record, in order; tries each once. @throws UnavailableError when nothing could be asked. */
  write(
    group: FeatureGroup,
    records: readonly FeatureRecord[],
    options?: OnlineWriteOptions,
  ): Promise<readonly OnlineOutcome[]>;
  /** The records, in order; undefined: absent, deleted or expired. */
  read(group: FeatureGroup, recordIds: readonly string[]): Promise<readonly (FeatureRecord | undefined)[]>;
  /** All record identifiers, page by page, in no order. */
  list(
    group: FeatureGroup,
    options?: { readonly includeSoftDeleted?: boolean },
  ): AsyncIterable<readonly string[]>;
  /** Deletes dated `eventTimeMs`, online side alone. `refused`: a newer record is there. */
  delete(
    group: FeatureGroup,
    recordId: string,
    options: { readonly mode: "soft" | "hard"; readonly eventTimeMs: EpochMs },
  ): Promise<"deleted" | "refused">;
  /** Returns once every row acknowledged so far is part of an offline file, where the store can be told to see to it;
   * else at once: then time alone tells, the offline buffer. @throws UnavailableError when it cannot be done now. */
  flushOffline(): Promise<void>;
}
