// Decides what one check of the freshness checker is: every watched group measured, what was found put as metrics, then
// the heartbeat. A group that cannot be measured has no point: its missing metric is the alarm, and the others go on.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { Ports } from "../ports/ports.ts";
import { describeStream } from "../streaming/describe-stream.ts";
import { type GroupFreshness, measureFreshness, SIDES } from "./measure-freshness.ts";
import { toHeartbeat, toPoints, toStreamPoint } from "./metrics.ts";
import { watchedGroups } from "./objective.ts";
import { passTurn } from "./sample-turn.ts";

export interface FreshnessCheck {
  readonly measured: readonly GroupFreshness[];
  readonly unmeasured: readonly { readonly group: string; readonly error: string }[];
}

export async function checkFreshness(ports: Ports): Promise<FreshnessCheck> {
  const measured: GroupFreshness[] = [];
  const unmeasured: { group: string; error: string }[] = [];
  for (const group of watchedGroups(ports.definitions.list())) {
    try {
      measured.push(await checkGroup(ports, group));
    } catch (error) {
      unmeasured.push({ group: group.name, error: error instanceof Error ? error.name : "Error" });
    }
  }
  await ports.metrics.put([toHeartbeat(ports.clock.now())]);
  return { measured, unmeasured };
}

async function checkGroup(ports: Ports, group: FeatureGroup): Promise<GroupFreshness> {
  const measured = await measureFreshness(ports, group);
  const behind = group.path === "stream" ? await behindMs(ports, group) : undefined;
  await ports.metrics.put([
    ...toPoints(measured),
    ...(behind === undefined ? [] : [toStreamPoint(group.name, behind, measured.measuredAtMs)]),
  ]);
  if (SIDES.every((side) => measured.sides[side].differences === 0))
    await passTurn(ports.ledger, group.name, measured.turn);
  return measured;
}

/** Since the shard that is furthest behind was read to its tip; undefined: it never was. */
async function behindMs(ports: Ports, group: FeatureGroup): Promise<number | undefined> {
  const { shards } = await describeStream(ports, group);
  const nowMs = ports.clock.now();
  const behind = shards
    .filter(({ atTip }) => !atTip)
    .map(({ seenUntil }) => (seenUntil === null ? undefined : Math.max(0, nowMs - Date.parse(seenUntil))));
  return behind.includes(undefined) ? undefined : Math.max(0, ...behind.map(Number));
}
