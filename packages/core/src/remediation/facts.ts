// Decides what a diagnosis may rest on: one group, its sides, runs, files and stream as they were at one instant.
// Plain data, so that diagnosis and remedy are functions of it alone.

import type { Side } from "../freshness/measure-freshness.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

export interface SideFacts {
  /** Of the data of the worst partition; undefined where it cannot be said, `reason` then says why. */
  readonly ageMs: number | undefined;
  readonly reason?: string | undefined;
  /** The store did not answer. */
  readonly isAway?: boolean | undefined;
  /** Records of the sample that the store does not hold as the offline store does; of the offline side always 0. */
  readonly differences: number;
}

/** A run that is at work on the group, or says that it is. */
export interface RunAtWork {
  readonly runId: string;
  readonly workflow: string;
  /** Whoever ran it is dead, or its lease lapsed. */
  readonly isDead: boolean;
  /** Real time in which nothing of it moved. */
  readonly quietMs: number;
}

/** The last refresh of the group, where it failed. */
export interface FailedRun {
  readonly runId: string;
  readonly workflow: string;
  readonly errorName: string;
  readonly failedAtMs: number;
}

export interface StreamFacts {
  /** Nothing lies in the stream that was not taken in. */
  readonly isAtTip: boolean;
  /** All that had arrived by then is taken in; undefined: nothing was ever read. */
  readonly seenUntilMs: EpochMs | undefined;
  /** A process that lives reads it. */
  readonly hasReader: boolean;
}

export interface Facts {
  readonly nowMs: EpochMs;
  /** Null: the platform itself; then only the checker's heartbeat is a fact. */
  readonly group: string | null;
  readonly path: "batch" | "stream";
  readonly source: string;
  /** Data older than this is late; undefined: nobody asked for an age. */
  readonly objectiveMs: number | undefined;
  readonly sides: Readonly<Record<Side, SideFacts>>;
  /** Of the youngest event of any partition; undefined: none was ever consumed. */
  readonly youngestAgeMs: number | undefined;
  /** The partition that `ageMs` of the offline side is of; undefined: the source has but one. */
  readonly worstPartition: string | undefined;
  readonly atWork: RunAtWork | undefined;
  readonly failed: FailedRun | undefined;
  /** Files that lie ready and are not in the event table. */
  readonly waitingFiles: number;
  /** No run came for a slot that is a period old, or the group has no schedule: nobody else takes the files soon. */
  readonly isRunOverdue: boolean;
  /** Another group of the source has consumed younger events than this one: the event table has them. */
  readonly isBehindSource: boolean;
  readonly stream: StreamFacts | undefined;
  /** Since the freshness checker last said that it lives; undefined: not within ten periods. */
  readonly checkerQuietMs: number | undefined;
  readonly checkPeriodMs: number;
  /** Real time after which a run in which nothing moves is stuck. */
  readonly runStuckMs: number;
  /** How often this incident has waited for runs that were at work already. */
  readonly waits: number;
}
