// Decides how one record is deleted online, and how it is known whether it was.
// Leaves the order of soft and hard, and their event times, to the caller.

import {
  DeleteRecordCommand,
  GetRecordCommand,
  type SageMakerFeatureStoreRuntimeClient,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { type EpochMs, EVENT_TIME_FEATURE, type FeatureGroup, toIso, UnavailableError } from "@steward/core";
import { isGroupMissing, isValidation } from "./call-failure.ts";
import { tryPatiently } from "./patient-call.ts";
import { eventTimeOf, ONLINE_ALONE } from "./record-wire.ts";

export interface Deletion {
  readonly mode: "soft" | "hard";
  readonly eventTimeMs: EpochMs;
}

/**
 * A hard deletion that is not newer than what is stored, a tombstone or an expired record included, is answered 400. A soft
 * one is answered 200 and does nothing (aws-semantics A.6): there the record is read back afterwards, for its event time
 * tells a refusal (as new or newer) from a reader that has not caught up (older: read again).
 */
export async function deleteRecord(
  runtime: SageMakerFeatureStoreRuntimeClient,
  group: FeatureGroup,
  recordId: string,
  deletion: Deletion,
): Promise<"deleted" | "refused"> {
  const command = new DeleteRecordCommand({
    FeatureGroupName: group.name,
    RecordIdentifierValueAsString: recordId,
    EventTime: toIso(deletion.eventTimeMs),
    TargetStores: ONLINE_ALONE,
    DeletionMode: deletion.mode === "soft" ? "SoftDelete" : "HardDelete",
  });
  try {
    await tryPatiently(() => runtime.send(command));
  } catch (error) {
    if (deletion.mode === "soft" || !isValidation(error) || isGroupMissing(error)) throw error;
    // An identifier that could not be stored is a 400 too; then this read is one as well, and throws.
    await findEventTime(runtime, group, recordId);
    return "refused";
  }
  if (deletion.mode === "hard") return "deleted";
  return confirmSoftDeletion(runtime, group, recordId, deletion.eventTimeMs);
}

async function confirmSoftDeletion(
  runtime: SageMakerFeatureStoreRuntimeClient,
  group: FeatureGroup,
  recordId: string,
  deletedAtMs: EpochMs,
): Promise<"deleted" | "refused"> {
  const result = await tryPatiently(async () => {
    const eventTimeMs = await findEventTime(runtime, group, recordId);
    if (eventTimeMs === undefined) return "deleted" as const;
    return eventTimeMs >= deletedAtMs ? ("refused" as const) : undefined;
  });
  if (result !== undefined) return result;
  throw new UnavailableError(
    `the online store still shows a record of group "${group.name}" that was deleted: delete it again`,
  );
}

/** Of the record that can be read now; undefined: none. */
async function findEventTime(
  runtime: SageMakerFeatureStoreRuntimeClient,
  group: FeatureGroup,
  recordId: string,
): Promise<EpochMs | undefined> {
  const reply = await runtime.send(
    new GetRecordCommand({
      FeatureGroupName: group.name,
      RecordIdentifierValueAsString: recordId,
      FeatureNames: [EVENT_TIME_FEATURE],
    }),
  );
  return reply.Record === undefined ? undefined : eventTimeOf(group, reply.Record);
}
