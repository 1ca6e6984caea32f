// Decides: BatchWriteRecord. Each entry stands or falls alone; those that stand are one transaction.
// Leaves to others: the rules of one put (record-write.ts).
import { AwsError, resourceNotFound } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { findReadyGroup } from "../rules/group-names.ts";
import { BATCH_WRITE_ENTRIES_MAX } from "../rules/limits.ts";
import { checkDepth, type JsonObject, readList, readObject, readString } from "../rules/shape.ts";
import { readTtlDuration, type TtlDuration } from "../rules/time-to-live.ts";
import type { FeatureGroup } from "../store/feature-group.ts";
import { applyRecordWrites, planRecordWrite, type RecordWrite } from "./record-write.ts";
import type { RuntimeRequest } from "./request.ts";
import { takesUnits } from "./units.ts";

interface Entry {
  /** As it came: a caller finds a failed entry by comparing it with what it sent. */
  readonly sent: JsonObject;
  readonly groupName: string;
  readonly group: FeatureGroup | undefined;
}

const ENTRIES = { minCount: 1, maxCount: BATCH_WRITE_ENTRIES_MAX };

/** The reply names what was not written. @throws ResourceNotFound when no entry names a group that exists. */
export async function batchWriteRecord(emulator: Emulator, request: RuntimeRequest): Promise<string> {
  const requestTtl = readTtlDuration(request.body.TtlDuration, "ttlDuration");
  const entries = readList(request.body.Entries, "entries", ENTRIES).map((item) => readEntry(emulator, item));
  const [first] = entries;
  if (first !== undefined && entries.every((entry) => entry.group === undefined))
    throw resourceNotFound(first.groupName);

  const reply: { Errors: object[]; UnprocessedEntries: object[] } = { Errors: [], UnprocessedEntries: [] };
  const writes: RecordWrite[] = [];
  for (const entry of entries) {
    const outcome = planEntry(entry, requestTtl);
    if (outcome instanceof AwsError) reply.Errors.push(toEntryError(entry, outcome));
    else if (emulator.faults.strikesEntry(entry.groupName) || !takesWrite(emulator, outcome))
      reply.UnprocessedEntries.push(checkDepth(entry.sent));
    else writes.push(outcome);
  }
  if (writes.length > 0)
    await emulator.database.transactions.transactSoon(() => applyRecordWrites(emulator, writes));
  return JSON.stringify(reply);
}

function readEntry(emulator: Emulator, item: unknown): Entry {
  const sent = readObject(item, "entries.member");
  const groupName = readString(sent.FeatureGroupName, "entries.member.featureGroupName");
  return { sent, groupName, group: findReadyGroup(emulator.groups, groupName) };
}

function planEntry(entry: Entry, requestTtl: TtlDuration | undefined): RecordWrite | AwsError {
  if (entry.group === undefined) return resourceNotFound(entry.groupName);
  try {
    return planRecordWrite(entry.group, entry.sent, requestTtl);
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

function takesWrite(emulator: Emulator, { group, record }: RecordWrite): boolean {
  return takesUnits(emulator, group, "write", record.recordId, record.values);
}

function toEntryError(entry: Entry, error: AwsError): object {
  return { Entry: checkDepth(entry.sent), ErrorCode: error.name, ErrorMessage: error.message };
}
