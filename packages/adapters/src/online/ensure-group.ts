// Decides how a group comes to be in Feature Store: created once, grown by features that the definition gained.
// Leaves records to the runtime. The only module that loads the control plane's client, so import it late.

import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateFeatureGroupCommand,
  DescribeFeatureGroupCommand,
  type DescribeFeatureGroupResponse,
  type SageMakerClient,
  UpdateFeatureGroupCommand,
} from "@aws-sdk/client-sagemaker";
import {
  type FeatureGroup,
  type FeatureGroupPlacement,
  InvalidInputError,
  type OnlineGroup,
  toCreateFeatureGroupInput,
  toEpochMs,
  UnavailableError,
} from "@steward/core";
import { isGroupMissing, isValidation } from "./call-failure.ts";

const FIRST_POLL_MS = 50;
const MAX_POLL_MS = 5_000;
/** FeatureAdditions of one UpdateFeatureGroup (API reference, 2026-11-22). */
const MAX_ADDITIONS = 100;
/** States that no waiting turns into Created. */
const DEAD_ENDS = new Set(["CreateFailed", "Deleting", "DeleteFailed"]);

type Wanted = ReturnType<typeof toCreateFeatureGroupInput>;

/** @throws InvalidInputError when the definition does not fit the group that is there, UnavailableError after `waitMs`. */
export async function ensureFeatureGroup(
  client: SageMakerClient,
  group: FeatureGroup,
  placement: FeatureGroupPlacement,
  waitMs: number,
): Promise<OnlineGroup> {
  const wanted = toCreateFeatureGroupInput(group, placement);
  const deadlineMs = performance.now() + waitMs;
  if ((await describeGroup(client, group.name)) === undefined) await createGroup(client, wanted);
  let found = await untilUsable(client, group.name, deadlineMs);
  checkFits(wanted, found);
  const additions = missingIn(found, wanted);
  for (let start = 0; start < additions.length; start += MAX_ADDITIONS) {
    const FeatureAdditions = additions.slice(start, start + MAX_ADDITIONS);
    await client.send(new UpdateFeatureGroupCommand({ FeatureGroupName: group.name, FeatureAdditions }));
    found = await untilUsable(client, group.name, deadlineMs);
  }
  const stillMissing = missingIn(found, wanted)[0];
  if (stillMissing !== undefined)
    throw new UnavailableError(
      `Feature Store did not add feature "${stillMissing.FeatureName}" to group "${group.name}": DescribeFeatureGroup says why`,
    );
  return toOnlineGroup(found, group.name);
}

async function describeGroup(
  client: SageMakerClient,
  name: string,
): Promise<DescribeFeatureGroupResponse | undefined> {
  try {
    return await client.send(new DescribeFeatureGroupCommand({ FeatureGroupName: name }));
  } catch (error) {
    if (isGroupMissing(error)) return undefined;
    throw error;
  }
}

async function createGroup(client: SageMakerClient, wanted: Wanted): Promise<void> {
  try {
    await client.send(new CreateFeatureGroupCommand(wanted));
  } catch (error) {
    const { name, message } = Object(error);
    if (name === "ResourceInUse") return; // somebody else creates it at this moment
    // The control plane knows no records: its message may be told.
    if (isValidation(error))
      throw new InvalidInputError(
        `Feature Store cannot create group "${wanted.FeatureGroupName}": ${message}`,
      );
    throw error;
  }
}

/** A group that Describe does not know yet, just after its creation, is waited for as well. */
async function untilUsable(
  client: SageMakerClient,
  name: string,
  deadlineMs: number,
): Promise<DescribeFeatureGroupResponse> {
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 2, MAX_POLL_MS)) {
    const found = await describeGroup(client, name);
    const status = found?.FeatureGroupStatus ?? "unknown";
    if (found !== undefined && status === "Created" && found.LastUpdateStatus?.Status !== "InProgress")
      return found;
    if (DEAD_ENDS.has(status))
      throw new UnavailableError(
        `group "${name}" cannot be used: Feature Store calls it ${status}, DescribeFeatureGroup says why`,
      );
    if (performance.now() + pollMs > deadlineMs)
      throw new UnavailableError(
        `group "${name}" was not usable in time: Feature Store calls it ${status}, try again later`,
      );
    await sleep(pollMs);
  }
}

/** What Feature Store can never change: record identifier, event time, and the type of a feature. */
function checkFits(wanted: Wanted, found: DescribeFeatureGroupResponse): void {
  const name = wanted.FeatureGroupName;
  for (const role of ["RecordIdentifierFeatureName", "EventTimeFeatureName"] as const) {
    if (found[role] !== wanted[role])
      throw new InvalidInputError(
        `group "${name}": its ${role} is "${found[role]}" in Feature Store and cannot become "${wanted[role]}": declare a group of another name`,
      );
  }
  const types = new Map(found.FeatureDefinitions?.map((each) => [each.FeatureName, each.FeatureType]));
  for (const { FeatureName, FeatureType } of wanted.FeatureDefinitions) {
    const type = types.get(FeatureName);
    if (type !== undefined && type !== FeatureType) {
      throw new InvalidInputError(
        `group "${name}": feature "${FeatureName}" is ${type} in Feature Store and cannot become ${FeatureType}: give it a new name`,
      );
    }
  }
}

function missingIn(found: DescribeFeatureGroupResponse, wanted: Wanted): Wanted["FeatureDefinitions"] {
  const present = new Set(found.FeatureDefinitions?.map(({ FeatureName }) => FeatureName));
  return wanted.FeatureDefinitions.filter(({ FeatureName }) => !present.has(FeatureName));
}

function toOnlineGroup(found: DescribeFeatureGroupResponse, name: string): OnlineGroup {
  const { CreationTime, OfflineStoreConfig } = found;
  if (CreationTime === undefined)
    throw new UnavailableError(`Feature Store did not say when group "${name}" was created`);
  return {
    offlineUri: OfflineStoreConfig?.S3StorageConfig?.ResolvedOutputS3Uri,
    createdAtMs: toEpochMs(CreationTime.getTime()),
  };
}
