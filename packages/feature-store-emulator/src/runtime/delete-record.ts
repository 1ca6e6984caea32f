// Decides: DeleteRecord, soft and hard. Only a hard delete tells its caller that it came too late.
// Leaves to others: later writes, which a tombstone outranks and a hard delete does not (store/records-table.ts).
import { validationError } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { type EventTime, isNewer, toEventTime } from "../rules/event-time.ts";
import { getReadyGroup } from "../rules/group-names.ts";
import { checkRecordId, eventTimeType } from "../rules/record-values.ts";
import { readChoice, readString } from "../rules/shape.ts";
import { readTargetStores } from "../rules/target-stores.ts";
import { type FeatureGroup, toMarker } from "../store/feature-group.ts";
import type { FeatureValues } from "../store/records-table.ts";
import { queryList, queryValue, type RuntimeRequest } from "./request.ts";
import { takeUnits } from "./units.ts";

interface Deletion {
  readonly group: FeatureGroup;
  readonly recordId: string;
  readonly eventTime: EventTime;
  /** Identifier and event time, all else null: a tombstone online, a marker row offline. */
  readonly values: FeatureValues;
}

const MODES = ["SoftDelete", "HardDelete"] as const;

/** @throws ValidationError for a hard delete that is not newer than the stored record; it leaves no marker either. */
export async function deleteRecord(emulator: Emulator, request: RuntimeRequest): Promise<undefined> {
  const { query } = request;
  const recordId = readString(
    queryValue(query, "RecordIdentifierValueAsString"),
    "recordIdentifierValueAsString",
  );
  const eventTimeText = readString(queryValue(query, "EventTime"), "eventTime");
  const mode = readChoice(queryValue(query, "DeletionMode") ?? "SoftDelete", "deletionMode", MODES);
  const group = getReadyGroup(emulator.groups, request.groupName);
  const target = readTargetStores(queryList(query, "TargetStores"), group);
  checkRecordId(recordId);
  const eventTime = toEventTime(eventTimeText, eventTimeType(group));
  const deletion = { group, recordId, eventTime, values: toMarker(group, recordId, eventTimeText) };
  takeUnits(emulator, group, "write", recordId, deletion.values);
  await emulator.database.transactions.transactSoon(() => {
    if (target.online) deleteOnline(emulator, deletion, mode);
    if (!target.offline) return;
    emulator.offlineLog.append(group.id, {
      values: deletion.values,
      apiInvocationMs: emulator.clock.nowMs(),
      isDeleted: true,
    });
  });
}

function deleteOnline(emulator: Emulator, deletion: Deletion, mode: (typeof MODES)[number]): void {
  const { group, recordId, eventTime } = deletion;
  const stored = emulator.records.findEventTime(group.id, recordId);
  const isLate = stored !== undefined && !isNewer(eventTime, stored);
  if (mode === "HardDelete") {
    if (isLate)
      throw validationError("The EventTime of a HardDelete must be later than that of the stored record");
    emulator.records.remove(group.id, recordId);
    emulator.database.scrubber.noteDeletion();
    return;
  }
  const leavesTombstone =
    stored !== undefined || emulator.settings.openRules.softDeleteOfAbsent === "tombstone";
  if (leavesTombstone && !isLate) emulator.records.putTombstone(group.id, deletion);
}
