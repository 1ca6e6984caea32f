// Decides by what names and ARNs functions reach the parts of a stage.

import { WORKFLOWS } from "@steward/workflows/inventory.ts";
import { thisAccount } from "./account.ts";
import type { Variables } from "./function-environment.ts";
import type { Hot } from "./hot.ts";
import { hotArns, hotPlaces } from "./hot-places.ts";
import type { Keys } from "./keys.ts";
import type { StageLedger } from "./ledger.ts";
import { metricNamespace, named, STATE_MACHINE_ALIAS, stateMachineName } from "./names.ts";
import { OFFLINE_PREFIX, type Online } from "./online.ts";
import type { Pages } from "./pages.ts";
import type { GrantResources } from "./permissions.ts";
import type { Queues } from "./queues.ts";
import type { Secrets } from "./secrets.ts";
import type { Storage } from "./storage.ts";
import type { StageStreams } from "./streams.ts";

export interface Parts {
  readonly keys: Keys;
  readonly secrets: Secrets;
  readonly ledger: StageLedger;
  readonly streams: StageStreams;
  readonly queues: Queues;
  readonly storage: Storage;
  readonly online: Online;
  readonly hot: Hot;
  readonly pages: Pages;
}

export function variablesOf({
  keys,
  secrets,
  ledger,
  queues,
  storage,
  online,
  hot,
  pages,
}: Parts): Variables {
  const { arn } = thisAccount();
  return {
    DATA_BUCKET: storage.data.bucket,
    STAGING_BUCKET: storage.staging.bucket,
    EVIDENCE_BUCKET: storage.evidence.bucket,
    INCOMING_BUCKET: storage.incoming.bucket,
    SUPPRESSION_SECRET: secrets.suppression.arn,
    SEAL_SECRET: secrets.seal.arn,
    CHUNK_QUEUE_URL: queues.chunks.url,
    CHUNK_DEAD_LETTERS_URL: queues.deadLetters.url,
    HOT: { reading: hotPlaces(hot, "reader"), writing: hotPlaces(hot, "writer") },
    LEDGER_TABLE: ledger.table.name,
    METRIC_NAMESPACE: metricNamespace(),
    OFFLINE_URI: $interpolate`s3://${storage.data.bucket}/${OFFLINE_PREFIX}`,
    FEATURE_STORE_ROLE: online.writerRole.role.arn,
    PAGES_TOPIC: pages.pages.arn,
    SIGNING_KEY: keys.signing.arn,
    // By name: the machines call functions, and functions start machines.
    STATE_MACHINES: $jsonStringify(
      Object.fromEntries(
        WORKFLOWS.map((workflow) => [
          workflow,
          arn("states", `stateMachine:${stateMachineName(workflow)}:${STATE_MACHINE_ALIAS}`),
        ]),
      ),
    ),
    STREAM_PREFIX: named(""),
  };
}

export function resourcesOf(parts: Parts): GrantResources {
  const { keys, secrets, ledger, streams, queues, storage, online, hot, pages } = parts;
  const { arn } = thisAccount();
  const inside = ({ arn: bucket }: aws.s3.Bucket) => $interpolate`${bucket}/*`;
  const kept = [storage.data, storage.staging, storage.evidence];
  const machines = WORKFLOWS.map(stateMachineName);
  return {
    ledger: [ledger.table.arn],
    buckets: kept.map(({ arn: bucket }) => bucket),
    objects: kept.map(inside),
    removableObjects: [storage.data, storage.staging].map(inside),
    incomingBucket: [storage.incoming.arn],
    incomingObjects: [inside(storage.incoming)],
    chunks: [queues.chunks.arn],
    deadLetters: [queues.deadLetters.arn],
    streams: streams.all.map((stream) => stream.arn),
    groups: online.names.map((name) => online.group(name).arn),
    ...hotArns(hot),
    // Whoever starts the alias is authorised by the machine's own ARN (Step Functions guide, "Authorization for versions and
    // aliases", read 2026-11-25).
    stateMachines: machines.map((name) => arn("states", `stateMachine:${name}`)),
    executions: machines.map((name) => arn("states", `execution:${name}:*`)),
    pagesTopic: [pages.pages.arn],
    suppressionSecret: [secrets.suppression.arn],
    sealSecret: [secrets.seal.arn],
    dataKey: [keys.data.arn],
    objectKeys: [keys.data.arn, keys.evidence.arn],
    groupKeys: online.names.map((name) => keys.group(name).arn),
    pagesKey: [pages.key.arn],
    signingKey: [keys.signing.arn],
  };
}
