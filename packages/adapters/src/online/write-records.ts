// Decides how records are written: calls of 25, 16 of them in flight, one outcome a record from what each call said.
// Leaves further tries, waits and the pace to core's write path.

import {
  BatchWriteRecordCommand,
  type BatchWriteRecordResponse,
  type FeatureValue,
  type SageMakerFeatureStoreRuntimeClient,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import {
  EVENT_TIME_FEATURE,
  type FeatureGroup,
  type FeatureRecord,
  type OnlineOutcome,
  type OnlineWriteOptions,
} from "@steward/core";
import { isThrottleName } from "../aws/call-failure.ts";
import { classifyFailure, unreachable } from "./call-failure.ts";
import { mapInFlight, slices } from "./in-flight.ts";
import { BOTH_STORES, ONLINE_ALONE, toWire } from "./record-wire.ts";

/** Entries of one BatchWriteRecord (API reference, 2026-11-22). */
const BATCH_RECORDS = 25;
const CALLS_IN_FLIGHT = 16;
const WRITTEN: OnlineOutcome = Object.freeze({ kind: "written" });
const THROTTLED: OnlineOutcome = Object.freeze({ kind: "throttled" });

type CallResult = { readonly isReached: boolean; readonly outcomes: readonly OnlineOutcome[] };

/** One outcome a record, in order. @throws UnavailableError when not one call found the store at its address. */
export async function writeRecords(
  runtime: SageMakerFeatureStoreRuntimeClient,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
  { alsoOffline = false }: OnlineWriteOptions = {},
): Promise<readonly OnlineOutcome[]> {
  const target = alsoOffline ? BOTH_STORES : ONLINE_ALONE;
  const results = await mapInFlight(slices(records, BATCH_RECORDS), CALLS_IN_FLIGHT, (batch) =>
    writeBatch(runtime, group, batch, target),
  );
  if (results.length > 0 && results.every(({ isReached }) => !isReached)) throw unreachable();
  return results.flatMap(({ outcomes }) => outcomes);
}

/** A call that threw says nothing about success, and writes are idempotent: its records are throttled, unless it was refused. */
async function writeBatch(
  runtime: SageMakerFeatureStoreRuntimeClient,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
  target: typeof BOTH_STORES,
): Promise<CallResult> {
  const Entries = records.map((record) => ({ ...toEntry(group, record), TargetStores: target }));
  const command = new BatchWriteRecordCommand({ Entries });
  try {
    const reply = await runtime.send(command);
    return { isReached: true, outcomes: toOutcomes(group, records, reply) };
  } catch (error) {
    const failure = classifyFailure(error);
    const outcome: OnlineOutcome =
      failure.kind === "refused" ? { kind: "failed", reason: failure.name } : THROTTLED;
    return { isReached: failure.kind !== "unreachable", outcomes: records.map(() => outcome) };
  }
}

function toEntry(group: FeatureGroup, record: FeatureRecord) {
  return {
    FeatureGroupName: group.name,
    Record: toWire(group, record),
    ...(group.ttlMs === undefined
      ? {}
      : { TtlDuration: { Unit: "Seconds" as const, Value: group.ttlMs / 1_000 } }),
  };
}

/** The reply names what was not written by echoing its entry. An echo that fits no record leaves the whole call in doubt. */
function toOutcomes(
  group: FeatureGroup,
  records: readonly FeatureRecord[],
  reply: BatchWriteRecordResponse,
): readonly OnlineOutcome[] {
  const notWritten = new Map<string, OnlineOutcome>();
  for (const { Record: echo } of reply.UnprocessedEntries ?? [])
    notWritten.set(entryKey(group, echo), THROTTLED);
  for (const { Entry: entry, ErrorCode: code = "Unknown" } of reply.Errors ?? []) {
    const outcome: OnlineOutcome = isThrottleName(code) ? THROTTLED : { kind: "failed", reason: code };
    notWritten.set(entryKey(group, entry?.Record), outcome);
  }
  if (notWritten.size === 0) return records.map(() => WRITTEN);
  const keys = records.map((record) => entryKey(group, toWire(group, record)));
  const isClear = [...notWritten.keys()].every((key) => keys.includes(key));
  return keys.map((key) => notWritten.get(key) ?? (isClear ? WRITTEN : THROTTLED));
}

/** Identifier and event time: a record may come twice in a call, with two event times. */
function entryKey(group: FeatureGroup, record: readonly FeatureValue[] | undefined): string {
  const text = (name: string) => record?.find(({ FeatureName }) => FeatureName === name)?.ValueAsString;
  return JSON.stringify([text(group.recordIdentifier), text(EVENT_TIME_FEATURE)]);
}
