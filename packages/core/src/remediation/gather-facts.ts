// Decides where each fact is read: the same places that a person would look at, all of them now.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { findHolder, findWatermark, isAtWork } from "../ledger/lease.ts";
import type { Ports } from "../ports/ports.ts";
import { listWaitingFiles } from "../scheduling/bookmark.ts";
import { describeStream } from "../streaming/describe-stream.ts";
import { findYoungestEvent } from "../streaming/shard-state.ts";
import { type EpochMs, parseInstant } from "../time/epoch-ms.ts";
import type { Facts, SideFacts, StreamFacts } from "./facts.ts";
import { findFailedRun, findRunAtWork } from "./gather-runs.ts";
import { gatherSides } from "./gather-sides.ts";
import type { Incident } from "./incident.ts";

const UNKNOWN: SideFacts = { ageMs: undefined, differences: 0, reason: "not measured" };

export async function gatherFacts(ports: Ports, incident: Incident): Promise<Facts> {
  const { group: name, decisions } = incident;
  const nowMs = ports.clock.now();
  const checkPeriodMs = ports.settings.checkPeriodMs;
  const common = {
    nowMs,
    group: name,
    checkPeriodMs,
    runStuckMs: ports.settings.runStuckMs,
    checkerQuietMs: 0,
    waits: decisions.filter(({ kind }) => kind === "wait").length,
  };
  if (name === null) return { ...common, ...NOTHING };
  const group = ports.definitions.get(name);
  const isStream = group.path === "stream";
  const youngestMs = await findYoungest(ports, group);
  const youngestAgeMs = youngestMs === undefined ? undefined : Math.max(0, nowMs - youngestMs);
  return {
    ...common,
    path: isStream ? "stream" : "batch",
    source: group.source.name,
    objectiveMs: group.freshnessMs,
    sides: await gatherSides(ports, group, youngestAgeMs),
    youngestAgeMs,
    worstPartition: undefined,
    atWork: await findRunAtWork(ports, name),
    failed: isStream ? undefined : await findFailedRun(ports, name),
    waitingFiles: isStream ? 0 : (await listWaitingFiles(ports, group.source.name)).length,
    isBehindSource: !isStream && (await isBehindSource(ports, group, youngestMs)),
    stream: isStream ? await gatherStream(ports, group) : undefined,
  };
}

const NOTHING = {
  path: "batch",
  source: "",
  objectiveMs: undefined,
  sides: { offline: UNKNOWN, online: UNKNOWN, hot: UNKNOWN },
  youngestAgeMs: undefined,
  worstPartition: undefined,
  atWork: undefined,
  failed: undefined,
  waitingFiles: 0,
  isBehindSource: false,
  stream: undefined,
} as const satisfies Partial<Facts>;

async function findYoungest(ports: Ports, { name, path }: FeatureGroup): Promise<EpochMs | undefined> {
  if (path === "stream") return findYoungestEvent(ports.ledger, name);
  return ((await findWatermark(ports.ledger, name))?.greatestEventTimeMs ?? undefined) as EpochMs | undefined;
}

/** Groups that share a source share its events: whichever is refreshed takes the files in for all. */
async function isBehindSource(
  ports: Ports,
  { name, source }: FeatureGroup,
  youngestMs: EpochMs | undefined,
): Promise<boolean> {
  const others = ports.definitions
    .list()
    .filter((group) => group.name !== name && group.path === "batch" && group.source.name === source.name);
  const theirs = await Promise.all(others.map((group) => findYoungest(ports, group)));
  return theirs.some((atMs) => atMs !== undefined && (youngestMs === undefined || atMs > youngestMs));
}

async function gatherStream(ports: Ports, group: FeatureGroup): Promise<StreamFacts> {
  const { atTip, shards } = await describeStream(ports, group);
  const seen = shards.map(({ seenUntil }) => (seenUntil === null ? undefined : parseInstant(seenUntil)));
  const scope = { workflow: "stream", group: group.name };
  const holder = await findHolder(ports.ledger, scope);
  return {
    isAtTip: atTip,
    seenUntilMs: seen.includes(undefined) ? undefined : (Math.min(...seen.map(Number)) as EpochMs),
    hasReader: holder !== undefined && (await isAtWork(ports, scope, holder.runId)),
  };
}
