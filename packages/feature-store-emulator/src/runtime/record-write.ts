// Decides: what one put, alone or in a batch, does to the two stores.
// Leaves to others: the transaction around it, and what becomes of a refusal (put-record.ts, batch-write-record.ts).

import { validationError } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { type CheckedRecord, toCheckedRecord } from "../rules/record-values.ts";
import { type JsonObject, readList } from "../rules/shape.ts";
import { readTargetStores, type TargetStores } from "../rules/target-stores.ts";
import { readTtlDuration, type TtlDuration, toExpiresAtMs } from "../rules/time-to-live.ts";
import type { FeatureGroup } from "../store/feature-group.ts";

/** A put that has passed every rule and has not happened yet. */
export interface RecordWrite {
  readonly group: FeatureGroup;
  readonly record: CheckedRecord;
  readonly target: TargetStores;
  readonly expiresAtMs: number | null;
}

const NO_MAXIMUM = { minCount: 1, maxCount: Number.POSITIVE_INFINITY };

/** Checks the members of a put against its group. @throws AwsError */
export function planRecordWrite(group: FeatureGroup, put: JsonObject, requestTtl?: TtlDuration): RecordWrite {
  const target = readTargetStores(put.TargetStores, group);
  const record = toCheckedRecord(group, readList(put.Record, "record", NO_MAXIMUM));
  const ownTtl = readTtlDuration(put.TtlDuration, "ttlDuration") ?? requestTtl;
  if (ownTtl !== undefined && !group.hasOnline) {
    throw validationError("TtlDuration needs an OnlineStore, which this FeatureGroup does not have");
  }
  const ttl = ownTtl ?? group.definition.online?.ttl;
  return {
    group,
    record,
    target,
    expiresAtMs: ttl === undefined ? null : toExpiresAtMs(record.eventTime, ttl),
  };
}

/** Carries the puts out in order: online what is newer, offline in any case. Needs a transaction around it. */
export function applyRecordWrites(emulator: Emulator, writes: readonly RecordWrite[]): void {
  const online = Map.groupBy(
    writes.filter(({ target }) => target.online),
    ({ group }) => group.id,
  );
  for (const [groupId, some] of online)
    emulator.records.putAll(
      groupId,
      some.map(({ record, expiresAtMs }) => ({ ...record, expiresAtMs })),
    );
  const apiInvocationMs = emulator.clock.nowMs();
  for (const { group, record, target } of writes) {
    if (!target.offline) continue;
    emulator.offlineLog.append(group.id, { values: record.values, apiInvocationMs, isDeleted: false });
  }
}
