// Decides: UpdateRecord. Some features of a record that is there get new values, the others keep theirs.
// Leaves to others: what a whole record must be (rules/record-values.ts).

import { AwsError, recordNotFound, resourceNotFound, validationError } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { isNewer } from "../rules/event-time.ts";
import { findReadyGroup } from "../rules/group-names.ts";
import { UPDATE_RECORD_FEATURES_MAX } from "../rules/limits.ts";
import { checkRecordId, readValues, toUpdatedRecord } from "../rules/record-values.ts";
import { readList, readString } from "../rules/shape.ts";
import { readTargetStores, type TargetStores } from "../rules/target-stores.ts";
import { readTtlDuration, type TtlDuration, toExpiresAtMs } from "../rules/time-to-live.ts";
import type { FeatureGroup } from "../store/feature-group.ts";
import type { FeatureValues } from "../store/records-table.ts";
import type { RuntimeRequest } from "./request.ts";
import { takeUnits } from "./units.ts";

interface Update {
  readonly group: FeatureGroup;
  readonly recordId: string;
  readonly changes: FeatureValues;
  readonly target: TargetStores;
  readonly ttl: TtlDuration | undefined;
}

const FEATURES = { minCount: 1, maxCount: UPDATE_RECORD_FEATURES_MAX };

/** @throws ResourceNotFound for a record that is not to be read, ConflictException for an older event time. */
export async function updateRecord(emulator: Emulator, request: RuntimeRequest): Promise<undefined> {
  const { body, groupName } = request;
  const recordId = readString(body.RecordIdentifierValueAsString, "recordIdentifierValueAsString");
  const features = readList(body.Features, "features", FEATURES);
  const ttl = readTtlDuration(body.TtlDuration, "ttlDuration");
  const group = findReadyGroup(emulator.groups, groupName);
  if (group === undefined) throw resourceNotFound(groupName);
  checkUpdatable(group);
  const target = readTargetStores(body.TargetStores, group);
  checkRecordId(recordId);
  const changes = readValues(group, features, "features");
  const hasEventTime = (changes[group.eventTimeSlot.ordinal] ?? null) !== null;
  if (ttl !== undefined && !hasEventTime)
    throw validationError("TtlDuration needs the EventTime feature in the same request");
  await emulator.database.transactions.transactSoon(() =>
    apply(emulator, { group, recordId, changes, target, ttl }),
  );
}

function checkUpdatable({ name, definition }: FeatureGroup): void {
  const storageType = definition.online?.storageType;
  if (storageType === "Standard_V2" || storageType === "InMemory") return;
  throw validationError(
    `UpdateRecord needs an OnlineStore of StorageType Standard_V2 or InMemory, which FeatureGroup ${name} does not have`,
  );
}

/** Without a TtlDuration the record expires when it would have expired. */
function apply(emulator: Emulator, { group, recordId, changes, target, ttl }: Update): void {
  const nowMs = emulator.clock.nowMs();
  const stored = emulator.records.find(group.id, recordId, nowMs);
  const storedTime = emulator.records.findEventTime(group.id, recordId);
  if (stored === undefined || storedTime === undefined) throw recordNotFound(group.name);
  const record = toUpdatedRecord(group, stored.values, changes);
  if (isNewer(storedTime, record.eventTime)) {
    throw new AwsError(
      "ConflictException",
      409,
      "The EventTime of an UpdateRecord must not be older than that of the stored record",
    );
  }
  takeUnits(emulator, group, "write", recordId, record.values);
  const expiresAtMs = ttl === undefined ? stored.expiresAtMs : toExpiresAtMs(record.eventTime, ttl);
  if (target.online) emulator.records.replace(group.id, { ...record, expiresAtMs });
  if (target.offline) {
    const row = { values: record.values, apiInvocationMs: nowMs, isDeleted: false };
    emulator.offlineLog.append(group.id, row);
  }
}
