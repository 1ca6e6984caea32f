// Decides what is done about a diagnosis: a remedy within budget and cool-down, a wait, or a person. Pure.

import type { Target } from "../ledger/run.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { toIso } from "../time/epoch-ms.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { toDurationText } from "./duration-text.ts";

export type Remedy = {
  readonly reason: string;
} /** Stop the run, where somebody still runs it, and take it up again. */ & (
  | { readonly kind: "restart"; readonly runId: string; readonly isDead: boolean }
  /** Take the failed run up again from its beginning; null: refresh with the files that wait. */
  | { readonly kind: "rerun"; readonly runId: string | null }
  /** Write the failed chunks of the run again. */
  | { readonly kind: "redrive"; readonly runId: string }
  /** Read the stream again; null: from the oldest event that it has. */
  | { readonly kind: "replay"; readonly fromMs: number | null }
  | { readonly kind: "rebuild"; readonly targets: readonly Target[] }
  /** Somebody is at it already. */
  | { readonly kind: "wait"; readonly runId: string }
  /** Decide again then, not before. */
  | { readonly kind: "pause"; readonly untilMs: EpochMs }
  /** Nothing is left to do but to see the alarm clear. */
  | { readonly kind: "confirm" }
  | { readonly kind: "page" }
  /** Another incident has called a person for this. */
  | { readonly kind: "leave" }
);
export type RemedyKind = Remedy["kind"];

/** What costs budget: each of them writes to stores or reads a source. */
export type Treatment = Extract<
  Remedy,
  { readonly kind: "restart" | "rerun" | "redrive" | "replay" | "rebuild" }
>;

export interface RemedyHistory {
  /** Null: the platform itself. */
  readonly group: string | null;
  /** Since when every decision of this incident, without a break, has found what is found now. */
  readonly foundSinceMs: EpochMs;
  /** When remedies of the group began, of all its incidents, as far back as the budget counts. */
  readonly spentAtMs: readonly EpochMs[];
  /** The kinds of all that was decided for this incident, oldest first. */
  readonly tried: readonly string[];
}

export interface RemedyLimits {
  /** Remedies that a group may get within `budgetWindowMs`. */
  readonly budget: number;
  readonly budgetWindowMs: number;
  /** Between the beginnings of two remedies of a group. */
  readonly coolDownMs: number;
  /** A checker that has only just stopped, or a platform that has only just started, gets so long to report. */
  readonly checkerGraceMs: number;
  /** A store that does not answer gets so long to come back. */
  readonly awayGraceMs: number;
}

const MAX_CONFIRMATIONS = 3;

/** Never a rerun for a source that is silent: it would date old data as of today. */
export function chooseRemedy(
  diagnosis: Diagnosis,
  history: RemedyHistory,
  limits: RemedyLimits,
  nowMs: EpochMs,
): Remedy {
  const wanted = remedyFor(diagnosis, history, limits, nowMs);
  return isTreatment(wanted) ? withinLimits(wanted, history, limits, nowMs) : wanted;
}

export function isTreatment(remedy: Remedy): remedy is Treatment {
  return ["restart", "rerun", "redrive", "replay", "rebuild"].includes(remedy.kind);
}

function remedyFor(
  diagnosis: Diagnosis,
  history: RemedyHistory,
  limits: RemedyLimits,
  nowMs: EpochMs,
): Remedy {
  switch (diagnosis.kind) {
    case "checker-broken":
      return forChecker(history, limits, nowMs);
    case "run-stuck":
      return {
        kind: "restart",
        runId: diagnosis.runId,
        isDead: diagnosis.isDead,
        reason: diagnosis.isDead
          ? "it goes on where it stood"
          : "it is stopped, so that nothing of it can be read, and begins again",
      };
    case "run-at-work":
      return { kind: "wait", runId: diagnosis.runId, reason: "two at once would do the work twice" };
    case "run-failed":
      return forFailure(diagnosis);
    case "hot-behind":
    case "online-behind":
    case "stores-behind":
      return {
        kind: "rebuild",
        targets: diagnosis.targets,
        reason: "the offline store has what is missing, and what is newer stays",
      };
    case "store-away":
      return forAwayStore(history, limits, nowMs);
    case "run-missing":
      return { kind: "rerun", runId: null, reason: "what has come and was not computed is what is missing" };
    case "stream-behind":
      return forStream(diagnosis, history);
    case "partition-silent":
    case "source-silent":
      return page("a run would only give old data a new date: whoever sends the events must look");
    case "recovered":
      return history.tried.filter((kind) => kind === "confirm").length < MAX_CONFIRMATIONS
        ? { kind: "confirm", reason: "the alarm clears once it has seen enough fine points" }
        : page("all looks well from here, and the alarm does not clear");
    case "unknown":
      return page("a guess may do harm");
    default:
      return diagnosis satisfies never;
  }
}

function forChecker({ group, foundSinceMs }: RemedyHistory, limits: RemedyLimits, nowMs: EpochMs): Remedy {
  const untilMs = (foundSinceMs + limits.checkerGraceMs) as EpochMs;
  if (nowMs < untilMs)
    return { kind: "pause", untilMs, reason: "it may only just have been stopped, or started" };
  if (group !== null)
    return { kind: "leave", reason: "the platform's own incident calls a person for the checker" };
  return page("without it nobody knows what is fresh, and whoever runs it must look");
}

/** Nothing can be written meanwhile; a failover ends by itself. */
function forAwayStore(
  { foundSinceMs }: RemedyHistory,
  { awayGraceMs }: RemedyLimits,
  nowMs: EpochMs,
): Remedy {
  const untilMs = (foundSinceMs + awayGraceMs) as EpochMs;
  if (nowMs < untilMs) return { kind: "pause", untilMs, reason: "a failover or a restart ends by itself" };
  return page("it does not come back by itself: whoever runs it must look");
}

function forFailure({
  cause,
  errorName,
  runId,
}: Extract<Diagnosis, { readonly kind: "run-failed" }>): Remedy {
  if (cause === "data") return page("the same data would fail again: whoever sends it must correct it");
  if (cause === "code") return page("the same program would fail again: a person must look");
  if (errorName === "WriteFailedError")
    return { kind: "redrive", runId, reason: "what it wrote stands; only the failed chunks are missing" };
  return {
    kind: "rerun",
    runId,
    reason: "what gave out may be back, and a new attempt leaves nothing double",
  };
}

/** A replay brings the records up to date, and leaves the place of the reader that is missing where it is. */
function forStream(
  { hasReader, seenUntilMs }: Extract<Diagnosis, { readonly kind: "stream-behind" }>,
  { tried }: RemedyHistory,
): Remedy {
  if (hasReader) return page("a second reader would only take more of what is short");
  if (tried.includes("replay")) return page("a replay stands in for a reader once: somebody must start one");
  return {
    kind: "replay",
    fromMs: seenUntilMs ?? null,
    reason: "the events are all still there, and no reader is in its way",
  };
}

function withinLimits(
  wanted: Treatment,
  { spentAtMs }: RemedyHistory,
  { budget, budgetWindowMs, coolDownMs }: RemedyLimits,
  nowMs: EpochMs,
): Remedy {
  const counted = spentAtMs.filter((atMs) => atMs > nowMs - budgetWindowMs);
  if (counted.length >= budget)
    return page(
      `${counted.length} remedies in ${toDurationText(budgetWindowMs)} are all that a group may get, and it needs another (${wanted.kind})`,
    );
  const untilMs = (Math.max(...counted) + coolDownMs) as EpochMs;
  if (counted.length > 0 && nowMs < untilMs)
    return {
      kind: "pause",
      untilMs,
      reason: `the last remedy gets until ${toIso(untilMs)} to show before the next (${wanted.kind})`,
    };
  return wanted;
}

function page(reason: string): Remedy {
  return { kind: "page", reason };
}
