// Decides how a group comes to be in Feature Store: created once, grown by features that the definition gained.

import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateFeatureGroupCommand,
  DescribeFeatureGroupCommand,
  type DescribeFeatureGroupResponse,
  type SageMakerClient,
  UpdateFeatureGroupCommand,
} from "@aws-sdk/client-sagemaker";
import {
  type EpochMs,
  type FeatureGroup,
  type FeatureGroupPlacement,
  InvalidInputError,
  type OnlineGroup,
  toCreateFeatureGroupInput,
  UnavailableError,
} from "@steward/core";
import { isGroupMissing } from "./call-failure.ts";

/** Standard groups take minutes in an account (storage page of the SageMaker guide, 2026-11-22). */
const CREATION_MS = 10 * 60_000;
const POLL_MS = 50;
const MAX_POLL_MS = 5_000;
/** FeatureAdditions of one UpdateFeatureGroup (API reference, 2026-11-22). */
const MAX_ADDITIONS = 100;

export async function ensureFeatureGroup(
  client: SageMakerClient,
  group: FeatureGroup,
  placement: FeatureGroupPlacement,
): Promise<OnlineGroup> {
  const wanted = toCreateFeatureGroupInput(group, placement);
  let found = await describeGroup(client, group.name);
  if (found === undefined) {
    await client.send(new CreateFeatureGroupCommand(wanted)).catch((error: unknown) => {
      if (nameOf(error) !== "ResourceInUse") throw error; // somebody else creates it at this moment
    });
    found = await untilUsable(client, group.name);
  }
  const present = new Map(
    found.FeatureDefinitions?.map(({ FeatureName, FeatureType }) => [FeatureName, FeatureType]),
  );
  for (const { FeatureName, FeatureType } of wanted.FeatureDefinitions) {
    const type = present.get(FeatureName);
    if (type !== undefined && type !== FeatureType) {
      throw new InvalidInputError(
        `group "${group.name}": feature "${FeatureName}" is ${type} in Feature Store and cannot become ${FeatureType}: give it a new name`,
      );
    }
  }
  const additions = wanted.FeatureDefinitions.filter(({ FeatureName }) => !present.has(FeatureName));
  for (let start = 0; start < additions.length; start += MAX_ADDITIONS) {
    await client.send(
      new UpdateFeatureGroupCommand({
        FeatureGroupName: group.name,
        FeatureAdditions: additions.slice(start, start + MAX_ADDITIONS),
      }),
    );
    found = await untilUsable(client, group.name);
  }
  return {
    offlineUri: found.OfflineStoreConfig?.S3StorageConfig?.ResolvedOutputS3Uri,
    createdAtMs: (found.CreationTime?.getTime() ?? 0) as EpochMs,
  };
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

async function untilUsable(client: SageMakerClient, name: string): Promise<DescribeFeatureGroupResponse> {
  const deadline = performance.now() + CREATION_MS;
  for (let pollMs = POLL_MS; performance.now() < deadline; pollMs = Math.min(pollMs * 2, MAX_POLL_MS)) {
    const found = await describeGroup(client, name);
    const status = found?.FeatureGroupStatus;
    if (status === "CreateFailed")
      throw new UnavailableError(`Feature Store could not create group "${name}": see DescribeFeatureGroup`);
    if (found !== undefined && status === "Created" && found.LastUpdateStatus?.Status !== "InProgress")
      return found;
    await sleep(pollMs);
  }
  throw new UnavailableError(
    `Feature Store did not make group "${name}" usable within ${CREATION_MS / 60_000} minutes`,
  );
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
