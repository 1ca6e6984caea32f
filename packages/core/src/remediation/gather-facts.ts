// Decides where each fact is read: the same places that a person would look at, all of them now.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { listConsumed } from "../freshness/consumed-events.ts";
import { measureFreshness } from "../freshness/measure-freshness.ts";
import { CHECKER_HEARTBEAT } from "../freshness/metrics.ts";
import { findHolder, findWatermark, isAtWork } from "../ledger/lease.ts";
import type { Ports } from "../ports/ports.ts";
import { listWaitingFiles } from "../scheduling/bookmark.ts";
import { lastSlotAt, scheduleOf } from "../scheduling/schedule.ts";
import { describeStream } from "../streaming/describe-stream.ts";
import { type EpochMs, parseInstant } from "../time/epoch-ms.ts";
import type { Facts, SideFacts, StreamFacts } from "./facts.ts";
import { findFailedRun, findRunAtWork } from "./gather-runs.ts";
import type { Incident } from "./incident.ts";

const HEARTBEATS_LOOKED_BACK = 10;
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
    checkerQuietMs: await findCheckerQuiet(ports),
    waits: decisions.filter(({ kind }) => kind === "wait").length,
  };
  if (name === null) return { ...common, ...NOTHING };
  const group = ports.definitions.get(name);
  const isStream = group.path === "stream";
  const measured = await measureFreshness(ports, group);
  return {
    ...common,
    path: isStream ? "stream" : "batch",
    source: group.source.name,
    objectiveMs: measured.objectiveMs,
    sides: measured.sides,
    youngestAgeMs: measured.youngestAgeMs,
    worstPartition: measured.worst?.partition,
    atWork: await findRunAtWork(ports, name),
    failed: isStream ? undefined : await findFailedRun(ports, name),
    waitingFiles: isStream ? 0 : (await listWaitingFiles(ports, group.source.name)).length,
    isRunOverdue: !isStream && (await isRunOverdue(ports, group)),
    isBehindSource: !isStream && (await isBehindSource(ports, group)),
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
  isRunOverdue: false,
  isBehindSource: false,
  stream: undefined,
} as const satisfies Partial<Facts>;

/** Undefined where it has not reported for so long that nobody needs to know how long. */
async function findCheckerQuiet({ clock, metricHistory, settings }: Ports): Promise<number | undefined> {
  const nowMs = clock.now();
  const fromMs = (nowMs - HEARTBEATS_LOOKED_BACK * settings.checkPeriodMs) as EpochMs;
  const [beats = []] = await metricHistory.read([CHECKER_HEARTBEAT], fromMs);
  const last = beats.at(-1);
  return last === undefined ? undefined : Math.max(0, nowMs - last.atMs);
}

/** Files lie there at any time between two slots: only where a whole period passed without a run has somebody to take them. */
async function isRunOverdue({ clock, ledger }: Ports, group: FeatureGroup): Promise<boolean> {
  const schedule = scheduleOf(group);
  const watermark = await findWatermark(ledger, group.name);
  if (schedule === undefined || watermark === undefined) return true;
  return watermark.asOfMs < lastSlotAt(schedule, clock.now()) - schedule.periodMs;
}

/** Groups that share a source share its events: whichever is refreshed takes the files in for all. */
async function isBehindSource(ports: Ports, group: FeatureGroup): Promise<boolean> {
  const others = ports.definitions
    .list()
    .filter(
      ({ name, path, source }) =>
        name !== group.name && path === "batch" && source.name === group.source.name,
    );
  const [mine = Number.NEGATIVE_INFINITY, ...theirs] = await Promise.all(
    [group, ...others].map((one) => findYoungest(ports, one)),
  );
  return theirs.some((atMs) => atMs > mine);
}

/** Before all time where nothing was ever consumed. */
async function findYoungest(ports: Ports, group: FeatureGroup): Promise<number> {
  const consumed = await listConsumed(ports, group);
  return Math.max(
    ...consumed.map(({ greatestEventTimeMs }) => greatestEventTimeMs),
    Number.NEGATIVE_INFINITY,
  );
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
