// Decides whether the online and the hot store hold records as the offline store has them: the same values, or newer ones.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import type { Target } from "../ledger/run.ts";
import type { KeyedRecord } from "../ports/hot-store.ts";
import type { Ports } from "../ports/ports.ts";
import { findSuppressed, toHotRecord } from "../suppression/named-subjects.ts";
import { isExpired } from "../writing/write-chunk.ts";

/** `missing`: the store has none. `stale`: an older one. `different`: one of the same event time with other values. */
export type Difference = "missing" | "stale" | "different";

/** Of one record, what is wrong with it in each target. */
export type Comparison = Readonly<Partial<Record<Target, Difference | undefined>>>;

/** What a store answers for a record. */
type Held = Pick<FeatureRecord, "eventTimeMs" | "features">;

/** One a record that must be there: a suppressed or an expired one need not. */
export async function compareRecords(
  ports: Ports,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
  targets: readonly Target[],
): Promise<readonly Comparison[]> {
  const keyed = records.map((record) => ({
    record,
    pseudonym: ports.pseudonymiser.pseudonym(group.entity.name, record.recordId),
  }));
  const held = await readTargets(ports, group, keyed, targets);
  const isExcused = await findExcused(ports, group, keyed);
  return keyed.flatMap(({ record }, index) =>
    isExcused[index]
      ? []
      : [
          Object.fromEntries(
            targets.map((target) => {
              const wanted = target === "hot" ? toHotRecord(ports.pseudonymiser, group, record) : record;
              return [target, compareRecord(group, wanted, held[target]?.[index])];
            }),
          ),
        ],
  );
}

/** Undefined: as it should be. A newer record in the store is: newest wins. Features that the group no longer declares do not count. */
export function compareRecord(
  group: Pick<FeatureGroup, "features">,
  wanted: FeatureRecord,
  held: Held | undefined,
): Difference | undefined {
  if (held === undefined) return "missing";
  if (held.eventTimeMs !== wanted.eventTimeMs)
    return held.eventTimeMs < wanted.eventTimeMs ? "stale" : undefined;
  const { features } = wanted; // built at each asking
  const isSame = group.features.every(({ name }) => held.features[name] === features[name]);
  return isSame ? undefined : "different";
}

async function readTargets(
  ports: Ports,
  group: FeatureGroup,
  records: readonly KeyedRecord[],
  targets: readonly Target[],
): Promise<Readonly<Partial<Record<Target, readonly (Held | undefined)[]>>>> {
  const [online, hot] = await Promise.all([
    targets.includes("online")
      ? ports.onlineStore.read(
          group,
          records.map(({ record }) => record.recordId),
        )
      : [],
    targets.includes("hot")
      ? ports.hotStore.read(
          group,
          records.map(({ pseudonym }) => pseudonym),
        )
      : [],
  ]);
  return { online, hot };
}

/** Asked after the stores: whoever suppresses or expires a record in between is seen here, and its absence is no difference. */
async function findExcused(
  ports: Ports,
  group: FeatureGroup,
  records: readonly KeyedRecord[],
): Promise<readonly boolean[]> {
  const isSuppressed = await findSuppressed(ports, group, records);
  const nowMs = ports.clock.now();
  return records.map(
    ({ record }, index) => isSuppressed[index] || isExpired(group, record.eventTimeMs, nowMs),
  );
}
