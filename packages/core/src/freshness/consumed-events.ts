// Decides how far a group has consumed its events: the youngest raw event of each partition. Never the date of a run or of
// a record: a refresh over a silent source dates its records today.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { findWatermark } from "../ledger/lease.ts";
import type { Ports } from "../ports/ports.ts";
import { listYoungestEvents } from "../streaming/shard-state.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

/** A value of the source's partition column, or a shard of its stream; undefined: the source has but one. */
export interface ConsumedPartition {
  readonly partition: string | undefined;
  /** The date of the youngest event that was consumed. */
  readonly greatestEventTimeMs: EpochMs;
}

/** Empty: nothing was ever consumed. */
export async function listConsumed(
  ports: Pick<Ports, "ledger">,
  group: FeatureGroup,
): Promise<readonly ConsumedPartition[]> {
  const { name, path, source } = group;
  if (path === "stream")
    return Object.entries(await listYoungestEvents(ports.ledger, group)).map(
      ([partition, greatestEventTimeMs]) => ({ partition, greatestEventTimeMs }),
    );
  const watermark = await findWatermark(ports.ledger, name);
  const { greatestEventTimeMs, partitions } = watermark ?? {
    greatestEventTimeMs: null,
    partitions: undefined,
  };
  if (source.partition !== undefined && partitions !== undefined)
    return partitions.map(({ name: partition, greatestEventTimeMs: atMs }) => ({
      partition,
      greatestEventTimeMs: atMs,
    }));
  if (greatestEventTimeMs === null) return [];
  return [{ partition: undefined, greatestEventTimeMs: greatestEventTimeMs as EpochMs }];
}

/** Of any partition; undefined: nothing was ever consumed. */
export async function findYoungestEvent(
  ports: Pick<Ports, "ledger">,
  group: FeatureGroup,
): Promise<EpochMs | undefined> {
  const times = (await listConsumed(ports, group)).map(({ greatestEventTimeMs }) => greatestEventTimeMs);
  return times.length === 0 ? undefined : (Math.max(...times) as EpochMs);
}
