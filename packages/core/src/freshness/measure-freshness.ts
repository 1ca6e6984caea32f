// Decides how fresh a group is, side by side: the age of the youngest raw event consumed, of the worst partition; for the
// online and the hot store only while a sample of them is as the offline store has it.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import { StewardError } from "../errors/steward-error.ts";
import { TARGETS, type Target } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type Comparison, compareRecords } from "../reading/compare-records.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { type ConsumedPartition, listConsumed } from "./consumed-events.ts";
import { objectiveOf } from "./objective.ts";
import { sampleRecords } from "./sample-records.ts";
import { findTurn } from "./sample-turn.ts";

export const SIDES = ["offline", ...TARGETS] as const;
export type Side = (typeof SIDES)[number];

export interface SideFreshness {
  /** Now less the youngest event of the worst partition; undefined: it cannot be said, and `reason` says why. */
  readonly ageMs: number | undefined;
  readonly reason: string | undefined;
  /** Records that were compared with the offline store, and those of them that are not as it has them; of the offline side 0. */
  readonly sampled: number;
  readonly differences: number;
  /** True: the store did not answer, and nothing is known of it. */
  readonly isAway?: boolean;
}

export interface GroupFreshness {
  readonly group: string;
  /** Undefined: nobody asked for one. */
  readonly objectiveMs: number | undefined;
  readonly measuredAtMs: EpochMs;
  /** One that is dated ahead of the clock, else the one whose youngest event is oldest; undefined: nothing was ever consumed. */
  readonly worst: ConsumedPartition | undefined;
  /** Of the youngest event of any partition; undefined: nothing was ever consumed. */
  readonly youngestAgeMs: number | undefined;
  readonly sides: Readonly<Record<Side, SideFreshness>>;
  /** Whose turn it was to be compared. */
  readonly turn: number;
}

/** Reads the ledger, some rows of offline files and as many records of each store; writes nothing. A store that does not
 * answer is away, the other sides are measured all the same. */
export async function measureFreshness(ports: Ports, group: FeatureGroup): Promise<GroupFreshness> {
  const consumed = await listConsumed(ports, group);
  const nowMs = ports.clock.now();
  const turn = await findTurn(ports.ledger, group.name);
  const records = await sampleRecords(ports, group, turn);
  const times = consumed.map(({ greatestEventTimeMs }) => greatestEventTimeMs);
  const worst = worstOf(consumed, nowMs);
  const age = ageOf(worst?.greatestEventTimeMs, nowMs);
  const measure = async (target: Target): Promise<SideFreshness> =>
    sideOf(age, target, await compareWith(ports, group, records, target));
  const [online, hot] = await Promise.all([measure("online"), measure("hot")]);
  return {
    group: group.name,
    objectiveMs: objectiveOf(group),
    measuredAtMs: nowMs,
    worst,
    youngestAgeMs: times.length === 0 ? undefined : Math.max(0, nowMs - Math.max(...times)),
    sides: { offline: { ...age, sampled: 0, differences: 0 }, online, hot },
    turn,
  };
}

/** One that is dated ahead is worse than an old one: how long it has been silent cannot be said, and the others would hide it. */
function worstOf(consumed: readonly ConsumedPartition[], nowMs: EpochMs): ConsumedPartition | undefined {
  const oldestFirst = consumed.toSorted((a, b) => a.greatestEventTimeMs - b.greatestEventTimeMs);
  return oldestFirst.find(({ greatestEventTimeMs }) => greatestEventTimeMs > nowMs) ?? oldestFirst[0];
}

/** Undefined: the store does not answer. */
async function compareWith(
  ports: Ports,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
  target: Target,
): Promise<readonly Comparison[] | undefined> {
  try {
    return await compareRecords(ports, group, records, [target]);
  } catch (error) {
    if (error instanceof StewardError && error.retryable) return undefined;
    throw error;
  }
}

type Age = Pick<SideFreshness, "ageMs" | "reason">;

/** A store has the age of the data only while it holds what the offline store holds. */
function sideOf(age: Age, target: Target, compared: readonly Comparison[] | undefined): SideFreshness {
  if (compared === undefined)
    return {
      ageMs: undefined,
      reason: `the ${target} store does not answer`,
      sampled: 0,
      differences: 0,
      isAway: true,
    };
  const differences = compared.filter((found) => found[target] !== undefined).length;
  const sample = { sampled: compared.length, differences };
  if (differences === 0) return { ...age, ...sample };
  const reason = `${differences} of ${compared.length} sampled records are not as the offline store has them`;
  return { ageMs: undefined, reason, ...sample };
}

/** No event, and one that is dated ahead of the clock, say nothing of how old the data is. */
function ageOf(greatestEventTimeMs: EpochMs | undefined, nowMs: EpochMs): Age {
  if (greatestEventTimeMs === undefined) return { ageMs: undefined, reason: "no event was ever consumed" };
  if (greatestEventTimeMs > nowMs)
    return { ageMs: undefined, reason: "the youngest event is dated ahead of the clock" };
  return { ageMs: nowMs - greatestEventTimeMs, reason: undefined };
}

/** Whether the side is as young as its group is to be; a group without an objective is never late. */
export function isLate({ objectiveMs, sides }: GroupFreshness, side: Side): boolean {
  const { ageMs } = sides[side];
  return objectiveMs !== undefined && (ageMs === undefined || ageMs > objectiveMs);
}
