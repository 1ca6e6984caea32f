// Decides what a person is told of a group's stream: how far the consumer is, what became of the events, what went unread.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { Ports } from "../ports/ports.ts";
import { type EpochMs, toIso } from "../time/epoch-ms.ts";
import { addEventCounts, type EventCounts, NO_EVENT_COUNTS } from "./event-counts.ts";
import { findShard, type ShardState } from "./shard-state.ts";

export interface StreamDescription {
  readonly group: string;
  readonly source: string;
  /** True when nothing younger than what was taken in lies in any shard. */
  readonly atTip: boolean;
  readonly counts: EventCounts;
  readonly shards: readonly {
    readonly shard: string;
    readonly position: string | null;
    readonly seenUntil: string | null;
    readonly atTip: boolean;
    /** Arrivals of that time were older than the stream keeps before they were read; null: none. */
    readonly gap: { readonly from: string; readonly to: string } | null;
  }[];
  /** Events that arrived before this are gone. */
  readonly retainedFrom: string;
}

export async function describeStream(
  ports: Pick<Ports, "ledger" | "streams" | "clock">,
  group: FeatureGroup,
): Promise<StreamDescription> {
  const stream = ports.streams.get(group.source.name);
  const shards = await Promise.all(
    (await stream.listShards()).map(async (shard) => {
      const state = await findShard(ports.ledger, group.name, shard);
      const start = state.position === null ? "oldest" : { after: state.position };
      const { records } = await stream.read(shard, start, 1);
      return { shard, state, atTip: records.length === 0 };
    }),
  );
  return {
    group: group.name,
    source: group.source.name,
    atTip: shards.every(({ atTip }) => atTip),
    counts: shards.reduce((sum, { state }) => addEventCounts(sum, state.counts), NO_EVENT_COUNTS),
    shards: shards.map(({ shard, state, atTip }) => ({ shard, ...toView(state), atTip })),
    retainedFrom: toIso((ports.clock.now() - ports.streams.retentionMs) as EpochMs),
  };
}

function toView({ position, seenUntilMs, gap }: ShardState) {
  return {
    position,
    seenUntil: seenUntilMs === null ? null : toIso(seenUntilMs),
    gap: gap === null ? null : { from: toIso(gap.fromMs), to: toIso(gap.toMs) },
  };
}
