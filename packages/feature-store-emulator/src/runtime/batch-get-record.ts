// Decides: BatchGetRecord. What is not there is left out; what cannot be asked is an entry of Errors.
// Leaves to others: how a record is spelled (record-reply.ts).
import { AwsError, groupNotFoundAsValidation, validationError } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { findReadyGroup } from "../rules/group-names.ts";
import { BATCH_GET_IDENTIFIERS_MAX, BATCH_GET_RECORDS_MAX } from "../rules/limits.ts";
import {
  checkDepth,
  isAbsent,
  type JsonObject,
  readList,
  readObject,
  readString,
  readStringList,
} from "../rules/shape.ts";
import type { FeatureGroup, FeatureSlot } from "../store/feature-group.ts";
import { checkReadable, readExpirationTimeResponse } from "./get-record.ts";
import { readFeatureNames, toRecordReply } from "./record-reply.ts";
import type { RuntimeRequest } from "./request.ts";
import { takesUnits } from "./units.ts";

interface Identifier {
  readonly sent: JsonObject;
  readonly groupName: string;
  readonly recordIds: readonly string[];
  readonly featureNames: readonly string[] | undefined;
}

interface BatchGetReply {
  readonly Records: object[];
  readonly Errors: object[];
  readonly UnprocessedIdentifiers: object[];
}

const BOUNDS = { minCount: 1, maxCount: BATCH_GET_IDENTIFIERS_MAX };
const NAMES = { minCount: 1, maxCount: Number.POSITIVE_INFINITY };

export function batchGetRecord(emulator: Emulator, request: RuntimeRequest): string {
  const identifiers = readList(request.body.Identifiers, "identifiers", BOUNDS).map(readIdentifier);
  const withExpiresAt = readExpirationTimeResponse(request.body.ExpirationTimeResponse);
  if (identifiers.reduce((sum, identifier) => sum + identifier.recordIds.length, 0) > BATCH_GET_RECORDS_MAX) {
    throw validationError(`BatchGetRecord reads at most ${BATCH_GET_RECORDS_MAX} records in a call`);
  }
  const reply: BatchGetReply = { Records: [], Errors: [], UnprocessedIdentifiers: [] };
  for (const identifier of identifiers) {
    if (emulator.faults.strikesEntry(identifier.groupName))
      reply.UnprocessedIdentifiers.push(checkDepth(identifier.sent));
    else readRecords(emulator, identifier, withExpiresAt, reply);
  }
  return JSON.stringify(reply);
}

function readIdentifier(item: unknown): Identifier {
  const sent = readObject(item, "identifiers.member");
  return {
    sent,
    groupName: readString(sent.FeatureGroupName, "featureGroupName"),
    recordIds: readStringList(sent.RecordIdentifiersValueAsString, "recordIdentifiersValueAsString", BOUNDS),
    featureNames: isAbsent(sent.FeatureNames)
      ? undefined
      : readStringList(sent.FeatureNames, "featureNames", NAMES),
  };
}

function readRecords(
  emulator: Emulator,
  identifier: Identifier,
  withExpiresAt: boolean,
  reply: BatchGetReply,
): void {
  emulator.database.transactions.settle();
  const group = findReadyGroup(emulator.groups, identifier.groupName);
  const nowMs = emulator.clock.nowMs();
  const unread: string[] = [];
  for (const recordId of identifier.recordIds) {
    const name = { FeatureGroupName: identifier.groupName, RecordIdentifierValueAsString: recordId };
    try {
      const slots = checkAsked(group, identifier, recordId);
      const record = group && emulator.records.find(group.id, recordId, nowMs);
      const isUnread =
        emulator.faults.strikesRecord(identifier.groupName) ||
        (group && !takesUnits(emulator, group, "read", recordId, record?.values));
      if (isUnread) unread.push(recordId);
      else if (record !== undefined)
        reply.Records.push({ ...name, ...toRecordReply(record, slots, withExpiresAt) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      reply.Errors.push({ ...name, ErrorCode: error.name, ErrorMessage: error.message });
    }
  }
  if (unread.length > 0)
    reply.UnprocessedIdentifiers.push({
      ...checkDepth(identifier.sent),
      RecordIdentifiersValueAsString: unread,
    });
}

function checkAsked(
  group: FeatureGroup | undefined,
  identifier: Identifier,
  recordId: string,
): readonly FeatureSlot[] {
  if (group === undefined) throw groupNotFoundAsValidation(identifier.groupName);
  checkReadable(group, recordId);
  return readFeatureNames(group, identifier.featureNames);
}
