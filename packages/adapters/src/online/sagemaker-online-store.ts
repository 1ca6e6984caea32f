// Decides how the online store's port is served by SageMaker Feature Store, and in which words it fails.
// Leaves each operation to its own file, and tries and waits of writes to core's write path.

import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  ListRecordsCommand,
  type SageMakerFeatureStoreRuntimeClient,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import type {
  FeatureGroup,
  FeatureGroupPlacement,
  FeatureRecord,
  OnlineGroup,
  OnlineOutcome,
  OnlineStore,
  OnlineWriteOptions,
} from "@steward/core";
import { toStewardError } from "./call-failure.ts";
import { type Deletion, deleteRecord } from "./delete-record.ts";
import { tryPatiently } from "./patient-call.ts";
import { readRecords } from "./read-records.ts";
import { writeRecords } from "./write-records.ts";

/** Identifiers of one ListRecords page (API reference, 2026-11-22). */
const LIST_PAGE = 100;
/** Standard groups take minutes in an account (online store page of the SageMaker guide, 2026-11-22). */
const GROUP_WAIT_MS = 10 * 60_000;

export interface SageMakerOnlineStoreOptions {
  readonly runtime: SageMakerFeatureStoreRuntimeClient;
  /** Asked for at the first `ensureGroup`. */
  readonly control: () => Promise<SageMakerClient>;
  readonly placement: FeatureGroupPlacement;
  /** What makes offline files of the rows that wait, where there is such a thing: AWS has none, the emulator does. */
  readonly flushOffline?: () => Promise<void>;
  /** How long `ensureGroup` waits for a group to be usable. Default: ten minutes. */
  readonly groupWaitMs?: number;
}

export class SageMakerOnlineStore implements OnlineStore {
  readonly #runtime: SageMakerFeatureStoreRuntimeClient;
  readonly #options: SageMakerOnlineStoreOptions;

  constructor(options: SageMakerOnlineStoreOptions) {
    this.#runtime = options.runtime;
    this.#options = options;
  }

  async ensureGroup(group: FeatureGroup): Promise<OnlineGroup> {
    const { control, placement, groupWaitMs = GROUP_WAIT_MS } = this.#options;
    // Loaded here alone: the control plane's client takes twice the time and memory of the runtime's.
    const { ensureFeatureGroup } = await import("./ensure-group.ts");
    return withWords(group, ensureFeatureGroup(await control(), group, placement, groupWaitMs));
  }

  write(
    group: FeatureGroup,
    records: readonly FeatureRecord[],
    options: OnlineWriteOptions = {},
  ): Promise<readonly OnlineOutcome[]> {
    return writeRecords(this.#runtime, group, records, options);
  }

  read(group: FeatureGroup, recordIds: readonly string[]): Promise<readonly (FeatureRecord | undefined)[]> {
    return readRecords(this.#runtime, group, recordIds);
  }

  async *list(
    group: FeatureGroup,
    options: { readonly includeSoftDeleted?: boolean } = {},
  ): AsyncIterable<readonly string[]> {
    let token: string | undefined;
    do {
      const command = new ListRecordsCommand({
        FeatureGroupName: group.name,
        MaxResults: LIST_PAGE,
        IncludeSoftDeletedRecords: options.includeSoftDeleted ?? false,
        ...(token === undefined ? {} : { NextToken: token }),
      });
      const reply = await withWords(
        group,
        tryPatiently(() => this.#runtime.send(command)),
      );
      yield reply?.RecordIdentifiers ?? [];
      token = reply?.NextToken || undefined; // an empty token is none
    } while (token !== undefined);
  }

  async flushOffline(): Promise<void> {
    await this.#options.flushOffline?.();
  }

  delete(group: FeatureGroup, recordId: string, deletion: Deletion): Promise<"deleted" | "refused"> {
    return withWords(group, deleteRecord(this.#runtime, group, recordId, deletion));
  }
}

/** What failed, in Steward's words. */
async function withWords<T>(group: FeatureGroup, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toStewardError(error, group.name);
  }
}
