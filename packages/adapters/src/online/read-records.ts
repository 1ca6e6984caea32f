// Decides how records are read: calls of 100, 8 of them in flight, what came back unprocessed asked for again.
// Leaves how a record is spelled to record-wire.ts.

import {
  BatchGetRecordCommand,
  type SageMakerFeatureStoreRuntimeClient,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { type FeatureGroup, type FeatureRecord, UnavailableError } from "@steward/core";
import { isThrottleName } from "../aws/call-failure.ts";
import { toStewardError } from "./call-failure.ts";
import { mapInFlight, slices } from "./in-flight.ts";
import { tryPatiently } from "./patient-call.ts";
import { fromWire } from "./record-wire.ts";

/** Identifiers of one BatchGetRecord (API reference, 2026-11-22). Its quota is 500 calls a second an account, not 10,000. */
const BATCH_RECORDS = 100;
const CALLS_IN_FLIGHT = 8;

/** The records, in order; undefined where there is none to read. */
export async function readRecords(
  runtime: SageMakerFeatureStoreRuntimeClient,
  group: FeatureGroup,
  recordIds: readonly string[],
): Promise<readonly (FeatureRecord | undefined)[]> {
  const found = new Map<string, FeatureRecord>();
  await mapInFlight(slices([...new Set(recordIds)], BATCH_RECORDS), CALLS_IN_FLIGHT, async (batch) => {
    let open: readonly string[] = batch;
    const isDone = await tryPatiently(async () => {
      open = await readBatch(runtime, group, open, found);
      return open.length === 0 ? true : undefined;
    }).catch((error: unknown) => {
      throw toStewardError(error, group.name);
    });
    if (isDone === undefined)
      throw new UnavailableError(`the online store left records of group "${group.name}" unread: try again`);
  });
  return recordIds.map((recordId) => found.get(recordId));
}

/** Adds what was read to `found`. Returns the identifiers that were not looked at. */
async function readBatch(
  runtime: SageMakerFeatureStoreRuntimeClient,
  group: FeatureGroup,
  recordIds: readonly string[],
  found: Map<string, FeatureRecord>,
): Promise<readonly string[]> {
  const identifiers = { FeatureGroupName: group.name, RecordIdentifiersValueAsString: [...recordIds] };
  const reply = await runtime.send(new BatchGetRecordCommand({ Identifiers: [identifiers] }));
  for (const { Record: wire } of reply.Records ?? []) {
    if (wire === undefined) continue;
    const record = fromWire(group, wire);
    found.set(record.recordId, record);
  }
  const open = (reply.UnprocessedIdentifiers ?? []).flatMap(
    ({ RecordIdentifiersValueAsString: ids }) => ids ?? [],
  );
  for (const { ErrorCode, ErrorMessage, RecordIdentifierValueAsString } of reply.Errors ?? []) {
    if (RecordIdentifierValueAsString === undefined || !isThrottleName(ErrorCode ?? ""))
      throw toStewardError({ name: ErrorCode, message: ErrorMessage }, group.name);
    open.push(RecordIdentifierValueAsString);
  }
  return open;
}
