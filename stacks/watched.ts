// Decides what the alarms of a stage look at, by the names that its parts are given.

import * as features from "@steward/features";
import { CONCERNS, STREAM_CONSUMER, UPKEEP, WORKFLOWS, type Workflow } from "@steward/workflows/inventory.ts";
import { thisAccount } from "./account.ts";
import type { HotSettings } from "./hot.ts";
import {
  CHUNK_DEAD_LETTERS,
  CHUNKS,
  functionName,
  HOT,
  hotNodeNames,
  LEDGER,
  named,
  stateMachineName,
  streamName,
} from "./names.ts";

export interface AlarmSettings {
  /** Of core's alarms: CloudWatch shows a figure a minute or two after it was put, so a period of one would often look empty. */
  readonly checkPeriodMinutes: number;
  /** Chunks that nobody takes: beyond the longest hold of a worker. */
  readonly queueIdleMinutes: number;
  /** Well before the queue forgets a chunk. */
  readonly chunkAgeHours: number;
  /** Well before a stream forgets an event. */
  readonly streamAgeHours: number;
  /** Of a request without its certificate; the law gives a month (GDPR, article 12, 3). */
  readonly uncertifiedHours: number;
  /** Of a certificate without its last scan. */
  readonly unfinishedHours: number;
  readonly hotMemoryPercent: number;
  readonly hotCpuPercent: number;
  readonly hotLagSeconds: number;
}

export type Name = $util.Input<string>;

/** By name, or as said. What is absent is not there in the stage, or not yet. */
export interface Watched {
  readonly queue?: { readonly chunks: Name; readonly deadLetters: Name };
  /** ARNs. */
  readonly stateMachines?: Partial<Readonly<Record<Workflow, Name>>>;
  /** By file within functions/, as `upkeep/attend-alarms`. */
  readonly functions?: Readonly<Record<string, Name>>;
  /** By source. */
  readonly streams?: Readonly<Record<string, Name>>;
  readonly ledger?: Name;
  /** Cache clusters of the hot store: a replication group's nodes, `<group>-0001-001` the first. */
  readonly hotNodes?: readonly string[];
  readonly apiId?: Name;
  /** Where events lie that a rule could not deliver. */
  readonly ruleLetters?: Name;
}

/** `hot`: what hot.ts builds its clusters by. */
export function watchedByName(hot?: HotSettings): Watched {
  const { arn } = thisAccount();
  const files = [
    ...CONCERNS.map((concern) => `upkeep/${UPKEEP[concern].file}`),
    `upkeep/${STREAM_CONSUMER.file}`,
    "writing/write-chunks",
  ];
  const sources = Object.values(features)
    .filter(({ path }) => path === "stream")
    .map(({ source }) => source.name);
  return {
    queue: { chunks: named(CHUNKS), deadLetters: named(CHUNK_DEAD_LETTERS) },
    stateMachines: Object.fromEntries(
      WORKFLOWS.map((workflow) => [workflow, arn("states", `stateMachine:${stateMachineName(workflow)}`)]),
    ),
    functions: Object.fromEntries(files.map((file) => [file, functionName(file)])),
    streams: Object.fromEntries(sources.map((source) => [source, streamName(source)])),
    ledger: named(LEDGER),
    hotNodes: hot === undefined ? [] : hotNodes(hot),
  };
}

function hotNodes({ dedicated = {}, ...shared }: HotSettings): readonly string[] {
  const clusters = Object.entries(dedicated).map(
    ([owner, own]) => [`${HOT}-${owner}`, { ...shared, ...own }] as const,
  );
  return [[HOT, shared] as const, ...clusters].flatMap(([name, { shards, replicasPerShard }]) =>
    hotNodeNames(name, shards, 1 + replicasPerShard),
  );
}
