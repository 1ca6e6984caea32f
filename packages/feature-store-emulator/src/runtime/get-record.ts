// Decides: GetRecord. A record that is absent, soft-deleted or expired is a success without a Record.
// Leaves to others: how a record is spelled (record-reply.ts).
import { validationError } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { getReadyGroup } from "../rules/group-names.ts";
import { checkRecordId } from "../rules/record-values.ts";
import { readChoice, readString } from "../rules/shape.ts";
import type { FeatureGroup } from "../store/feature-group.ts";
import { readFeatureNames, toRecordReply } from "./record-reply.ts";
import { queryList, queryValue, type RuntimeRequest } from "./request.ts";
import { takeUnits } from "./units.ts";

export function getRecord(emulator: Emulator, request: RuntimeRequest): string {
  const { query } = request;
  const recordId = readString(
    queryValue(query, "RecordIdentifierValueAsString"),
    "recordIdentifierValueAsString",
  );
  const withExpiresAt = readExpirationTimeResponse(queryValue(query, "ExpirationTimeResponse"));
  const group = getReadyGroup(emulator.groups, request.groupName);
  checkReadable(group, recordId);
  const slots = readFeatureNames(group, queryList(query, "FeatureName"));
  emulator.database.transactions.settle();
  const record = emulator.records.find(group.id, recordId, emulator.clock.nowMs());
  takeUnits(emulator, group, "read", recordId, record?.values);
  return record === undefined ? "{}" : JSON.stringify(toRecordReply(record, slots, withExpiresAt));
}

/** Whether ExpiresAt is wanted: "Enabled"; absent means "Disabled". */
export function readExpirationTimeResponse(value: unknown): boolean {
  return readChoice(value ?? "Disabled", "expirationTimeResponse", ["Enabled", "Disabled"]) === "Enabled";
}

/** @throws ValidationError when the group keeps no records online, or no record can have this identifier. */
export function checkReadable(group: FeatureGroup, recordId: string): void {
  if (!group.hasOnline)
    throw validationError(`OnlineStore is not enabled for the FeatureGroup ${group.name}`);
  checkRecordId(recordId);
}
