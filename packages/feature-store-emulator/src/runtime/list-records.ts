// Decides: ListRecords: the identifiers in the online store, page by page.
// Leaves to others: the records themselves (get-record.ts).
import { resourceNotFound, serializationException, validationError } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { findReadyGroup } from "../rules/group-names.ts";
import { LIST_RECORDS_MAX, NEXT_TOKEN_CHARS_MAX } from "../rules/limits.ts";
import { isAbsent, readInteger, readString } from "../rules/shape.ts";
import type { RuntimeRequest } from "./request.ts";

/** AWS promises no order; here it is that of the identifiers, so that no page repeats or skips what stays in the store. */
export function listRecords(emulator: Emulator, request: RuntimeRequest): string {
  const { MaxResults, NextToken, IncludeSoftDeletedRecords } = request.body;
  const limit = isAbsent(MaxResults)
    ? LIST_RECORDS_MAX
    : readInteger(MaxResults, "maxResults", 1, LIST_RECORDS_MAX);
  const includeSoftDeleted = readFlag(IncludeSoftDeletedRecords);
  const group = findReadyGroup(emulator.groups, request.groupName);
  if (group === undefined) throw resourceNotFound(request.groupName);
  if (!group.hasOnline)
    throw validationError(`OnlineStore is not enabled for the FeatureGroup ${group.name}`);
  const afterRecordId = readNextToken(NextToken, group.id);
  const page = { afterRecordId, limit: limit + 1, includeSoftDeleted, nowMs: emulator.clock.nowMs() };
  emulator.database.transactions.settle();
  const found = emulator.records.listRecordIds(group.id, page);
  const recordIds = found.slice(0, limit);
  const last = recordIds.at(-1);
  if (found.length <= limit || last === undefined) return JSON.stringify({ RecordIdentifiers: recordIds });
  return JSON.stringify({ RecordIdentifiers: recordIds, NextToken: toNextToken(group.id, last) });
}

function readFlag(value: unknown): boolean {
  if (isAbsent(value)) return false;
  if (typeof value !== "boolean")
    throw serializationException("'includeSoftDeletedRecords' must be a boolean");
  return value;
}

function toNextToken(groupId: number, lastRecordId: string): string {
  return Buffer.from(JSON.stringify([groupId, lastRecordId])).toString("base64url");
}

/** Where the next page begins; "" for the first. An empty token is none: the SageMaker Python SDK sends one. */
function readNextToken(value: unknown, groupId: number): string {
  if (isAbsent(value) || value === "") return "";
  const token = readString(value, "nextToken");
  const content = token.length <= NEXT_TOKEN_CHARS_MAX ? parseToken(token) : undefined;
  if (!Array.isArray(content) || content[0] !== groupId || typeof content[1] !== "string") {
    throw validationError("The NextToken is not one that this operation gave for this FeatureGroup");
  }
  return content[1];
}

function parseToken(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString());
  } catch {
    return undefined;
  }
}
