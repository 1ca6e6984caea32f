// Decides: which throughput settings a group may have, and change to.
// Leaves to others: holding calls to units, once a pace is ordered (../pace.ts).
import { z } from "zod";
import { validationException } from "../aws-error.ts";
import type { GroupDefinition, StorageType } from "../store/feature-group.ts";

/** Developer guide, throughput modes and quotas, read 2026-11-22. */
const PROVISIONED_UNITS_MAX = 40_000;
const ON_DEMAND_EVERY_MS = 24 * 3_600_000;

const unitsSchema = z.int().min(0).max(PROVISIONED_UNITS_MAX).optional();
export const throughputSchema = z.object({
  ThroughputMode: z.enum(["OnDemand", "Provisioned"]),
  ProvisionedReadCapacityUnits: unitsSchema,
  ProvisionedWriteCapacityUnits: unitsSchema,
});

export type Throughput = z.infer<typeof throughputSchema>;

/** @throws ValidationException unless units are given just where they are provisioned, on a storage type that has them. */
export function checkThroughput(throughput: Throughput, storageType: StorageType | undefined): void {
  const { ThroughputMode, ProvisionedReadCapacityUnits, ProvisionedWriteCapacityUnits } = throughput;
  const isProvisioned = ThroughputMode === "Provisioned";
  const given = [ProvisionedReadCapacityUnits, ProvisionedWriteCapacityUnits];
  if (given.some((units) => (units !== undefined) !== isProvisioned)) {
    throw validationException(
      "ProvisionedReadCapacityUnits and ProvisionedWriteCapacityUnits go with ThroughputMode Provisioned, both",
    );
  }
  if (isProvisioned && storageType !== undefined && storageType !== "Standard")
    throw validationException(
      `An OnlineStore of StorageType ${storageType} has no ThroughputMode Provisioned`,
    );
}

/** Units a second that the group is provisioned with; undefined: on demand. */
export function findProvisionedUnits({
  echoed,
}: GroupDefinition): { readonly write: number | undefined; readonly read: number | undefined } | undefined {
  const throughput = throughputSchema.safeParse(echoed.ThroughputConfig).data;
  if (throughput?.ThroughputMode !== "Provisioned") return undefined;
  return { write: throughput.ProvisionedWriteCapacityUnits, read: throughput.ProvisionedReadCapacityUnits };
}

/** The definition with the new throughput. @throws ValidationException for a second switch to OnDemand within 24 hours. */
export function withThroughput(
  definition: GroupDefinition,
  throughput: Throughput,
  nowMs: number,
): GroupDefinition {
  checkThroughput(throughput, definition.online?.storageType);
  const echoed = { ...definition.echoed, ThroughputConfig: throughput };
  const before = throughputSchema.safeParse(definition.echoed.ThroughputConfig);
  const isSwitch = throughput.ThroughputMode === "OnDemand" && before.data?.ThroughputMode === "Provisioned";
  if (!isSwitch) return { ...definition, echoed };
  if (nowMs - (definition.onDemandSinceMs ?? Number.NEGATIVE_INFINITY) < ON_DEMAND_EVERY_MS)
    throw validationException(
      "A FeatureGroup is switched to ThroughputMode OnDemand at most once in 24 hours",
    );
  return { ...definition, echoed, onDemandSinceMs: nowMs };
}
