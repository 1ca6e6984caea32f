// Decides from where the stream must be read again so that nothing falls between the offline files of now and the stream:
// from where the consumer stood before the online store began to hold what those files may lack.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { Ports } from "../ports/ports.ts";
import { type EpochMs, MIN_EPOCH_MS } from "../time/epoch-ms.ts";
import { HAND_OVER_MARGIN_MS } from "./defaults.ts";
import { findShard, type ShardState } from "./shard-state.ts";

/**
 * Worked example, 15 minutes of buffer, at 09:00, as of now: the consumer, an hour behind, stood at arrivals of 07:44 at
 * 08:44. What arrived later may not be in the files yet: read again from 07:43, the margin of a minute taken off.
 */
export async function findHandOver(
  ports: Pick<Ports, "clock" | "ledger" | "settings" | "streams">,
  group: FeatureGroup,
  asOfMs: EpochMs,
): Promise<EpochMs> {
  const flushedMs = ports.clock.now() - ports.settings.offlineBufferMs;
  const shards = await ports.streams.get(group.source.name).listShards();
  const states = await Promise.all(shards.map((shard) => findShard(ports.ledger, group.name, shard)));
  const stoodMs = Math.min(...states.map((state) => stoodAt(state, flushedMs)));
  return Math.max(MIN_EPOCH_MS, Math.min(asOfMs, stoodMs) - HAND_OVER_MARGIN_MS) as EpochMs;
}

/** All that had arrived by this was taken in by then; the beginning of time where nobody noted it. */
function stoodAt({ checkpoints }: ShardState, atMs: number): EpochMs {
  return checkpoints.findLast((checkpoint) => checkpoint.atMs <= atMs)?.seenUntilMs ?? MIN_EPOCH_MS;
}
