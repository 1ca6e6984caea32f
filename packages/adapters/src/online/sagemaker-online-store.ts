// Decides how the online store's port is served by SageMaker Feature Store: batches, calls in flight, outcomes by record.
// Leaves tries and waits to core's write path.

import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  BatchGetRecordCommand,
  BatchWriteRecordCommand,
  DeleteRecordCommand,
  type FeatureValue,
  GetRecordCommand,
  ListRecordsCommand,
  type SageMakerFeatureStoreRuntimeClient,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import {
  type EpochMs,
  type FeatureGroup,
  type FeatureGroupPlacement,
  type FeatureRecord,
  type OnlineGroup,
  type OnlineOutcome,
  type OnlineStore,
  toIso,
  UnavailableError,
} from "@steward/core";
import { classifyFailure, isThrottleCode } from "./call-failure.ts";
import { ensureFeatureGroup } from "./ensure-group.ts";
import { mapInFlight, slices } from "./in-flight.ts";
import { fromWire, toWire } from "./record-wire.ts";

/** Entries of one BatchWriteRecord, identifiers of one BatchGetRecord and of one ListRecords page (API reference, 2026-11-22). */
const WRITE_BATCH = 25;
const READ_BATCH = 100;
const WRITES_IN_FLIGHT = 16;
const READS_IN_FLIGHT = 8;
const READ_TRIES = 5;
const ONLINE_ALONE = ["OnlineStore" as const];
const WRITTEN: OnlineOutcome = Object.freeze({ kind: "written" });
const THROTTLED: OnlineOutcome = Object.freeze({ kind: "throttled" });

export interface SageMakerOnlineStoreOptions {
  readonly runtime: SageMakerFeatureStoreRuntimeClient;
  readonly control: () => Promise<SageMakerClient>;
  readonly placement: FeatureGroupPlacement;
}

export class SageMakerOnlineStore implements OnlineStore {
  readonly #options: SageMakerOnlineStoreOptions;

  constructor(options: SageMakerOnlineStoreOptions) {
    this.#options = options;
  }

  async ensureGroup(group: FeatureGroup): Promise<OnlineGroup> {
    const control = await this.#options.control();
    return translate(ensureFeatureGroup(control, group, this.#options.placement));
  }

  async write(group: FeatureGroup, records: readonly FeatureRecord[]): Promise<readonly OnlineOutcome[]> {
    const calls = await mapInFlight(slices(records, WRITE_BATCH), WRITES_IN_FLIGHT, (batch) =>
      this.#writeBatch(group, batch),
    );
    if (calls.length > 0 && calls.every((outcomes) => outcomes === "unreachable")) throw unreachable();
    return calls.flatMap((outcomes, index) =>
      outcomes === "unreachable"
        ? (slices(records, WRITE_BATCH)[index]?.map(() => THROTTLED) ?? [])
        : outcomes,
    );
  }

  async read(
    group: FeatureGroup,
    recordIds: readonly string[],
  ): Promise<readonly (FeatureRecord | undefined)[]> {
    const pages = await mapInFlight(slices(recordIds, READ_BATCH), READS_IN_FLIGHT, (batch) =>
      translate(this.#readBatch(group, batch)),
    );
    const found = new Map(pages.flat().map((record) => [record.recordId, record]));
    return recordIds.map((recordId) => found.get(recordId));
  }

  async *list(
    group: FeatureGroup,
    options: { readonly includeSoftDeleted?: boolean } = {},
  ): AsyncIterable<readonly string[]> {
    let token: string | undefined;
    do {
      const reply = await translate(
        this.#options.runtime.send(
          new ListRecordsCommand({
            FeatureGroupName: group.name,
            MaxResults: READ_BATCH,
            IncludeSoftDeletedRecords: options.includeSoftDeleted ?? false,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        ),
      );
      yield reply.RecordIdentifiers ?? [];
      token = reply.NextToken === "" ? undefined : reply.NextToken;
    } while (token !== undefined);
  }

  /** A hard delete that is not newer is answered 400; a soft one 200 with nothing done, so that the record is looked at again. */
  async delete(
    group: FeatureGroup,
    recordId: string,
    options: { readonly mode: "soft" | "hard"; readonly eventTimeMs: EpochMs },
  ): Promise<"deleted" | "refused"> {
    try {
      await this.#options.runtime.send(
        new DeleteRecordCommand({
          FeatureGroupName: group.name,
          RecordIdentifierValueAsString: recordId,
          EventTime: toIso(options.eventTimeMs),
          TargetStores: ONLINE_ALONE,
          DeletionMode: options.mode === "soft" ? "SoftDelete" : "HardDelete",
        }),
      );
    } catch (error) {
      const failure = classifyFailure(error);
      if (options.mode === "hard" && failure.kind === "refused" && failure.name.startsWith("Validation")) {
        return (await this.#isPresent(group, recordId)) ? "refused" : "deleted";
      }
      throw toUnavailable(error);
    }
    return (await this.#isPresent(group, recordId)) ? "refused" : "deleted";
  }

  async #isPresent(group: FeatureGroup, recordId: string): Promise<boolean> {
    const reply = await translate(
      this.#options.runtime.send(
        new GetRecordCommand({ FeatureGroupName: group.name, RecordIdentifierValueAsString: recordId }),
      ),
    );
    return reply.Record !== undefined;
  }

  async #writeBatch(
    group: FeatureGroup,
    records: readonly FeatureRecord[],
  ): Promise<readonly OnlineOutcome[] | "unreachable"> {
    const ttl =
      group.ttlMs === undefined
        ? {}
        : { TtlDuration: { Unit: "Seconds" as const, Value: group.ttlMs / 1_000 } };
    const entries = records.map((record) => ({
      FeatureGroupName: group.name,
      Record: toWire(group, record),
      TargetStores: ONLINE_ALONE,
      ...ttl,
    }));
    try {
      const reply = await this.#options.runtime.send(new BatchWriteRecordCommand({ Entries: entries }));
      const outcomes = new Map<string | undefined, OnlineOutcome>();
      for (const { Record: entry } of reply.UnprocessedEntries ?? [])
        outcomes.set(idOf(group, entry), THROTTLED);
      for (const { Entry: entry, ErrorCode: code = "Unknown" } of reply.Errors ?? []) {
        outcomes.set(
          idOf(group, entry?.Record),
          isThrottleCode(code) ? THROTTLED : { kind: "failed", reason: code },
        );
      }
      return records.map(({ recordId }) => outcomes.get(recordId) ?? WRITTEN);
    } catch (error) {
      const failure = classifyFailure(error);
      if (failure.kind === "unreachable") return "unreachable";
      return records.map(() =>
        failure.kind === "throttled" ? THROTTLED : { kind: "failed", reason: failure.name },
      );
    }
  }

  async #readBatch(group: FeatureGroup, recordIds: readonly string[]): Promise<readonly FeatureRecord[]> {
    const records: FeatureRecord[] = [];
    let open = [...new Set(recordIds)];
    for (let tries = 0; open.length > 0; tries += 1) {
      if (tries === READ_TRIES)
        throw new UnavailableError(
          `the online store left reads of "${group.name}" unanswered ${READ_TRIES} times`,
        );
      const reply = await this.#options.runtime.send(
        new BatchGetRecordCommand({
          Identifiers: [{ FeatureGroupName: group.name, RecordIdentifiersValueAsString: open }],
        }),
      );
      for (const { Record: wire } of reply.Records ?? [])
        if (wire !== undefined) records.push(fromWire(group, wire));
      const refused = reply.Errors?.[0];
      if (refused !== undefined)
        throw new UnavailableError(
          `the online store refused a read of "${group.name}": ${refused.ErrorCode}`,
        );
      open = (reply.UnprocessedIdentifiers ?? []).flatMap(
        ({ RecordIdentifiersValueAsString: ids }) => ids ?? [],
      );
    }
    return records;
  }
}

function idOf(group: FeatureGroup, record: readonly FeatureValue[] | undefined): string | undefined {
  return record?.find(({ FeatureName }) => FeatureName === group.recordIdentifier)?.ValueAsString;
}

async function translate<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toUnavailable(error);
  }
}

/** The SDK's own message may quote a value: only the error's name goes on. */
function toUnavailable(error: unknown): unknown {
  if (error instanceof Error && "retryable" in error) return error;
  const failure = classifyFailure(error);
  if (failure.kind === "unreachable") return unreachable();
  return new UnavailableError(
    `the online store did not serve the call (${failure.kind === "refused" ? failure.name : "throttled or interrupted"})`,
  );
}

function unreachable(): UnavailableError {
  return new UnavailableError("the online store cannot be reached");
}
