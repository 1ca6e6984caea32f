// Decides: what the emulator knows of one feature group, and its form on disk and in memory.
// Leaves to others: when a group may be created or changed (control/), and its records (records-table.ts).
import type { TtlDuration } from "../rules/time-to-live.ts";

export type FeatureType = "Integral" | "Fractional" | "String";
export type CollectionType = "List" | "Set" | "Vector";
export type StorageType = "Standard" | "Standard_V2" | "InMemory";
export type GroupStatus = "Creating" | "Created" | "Deleting" | "Deleted";

export interface FeatureDefinition {
  readonly name: string;
  readonly type: FeatureType;
  readonly collection?: CollectionType;
  readonly vectorDimension?: number;
}

/** What is kept of a group, as JSON in the database. */
export interface GroupDefinition {
  readonly recordIdName: string;
  readonly eventTimeName: string;
  readonly features: readonly FeatureDefinition[];
  readonly online?: { readonly storageType: StorageType; readonly ttl?: TtlDuration };
  readonly hasOffline: boolean;
  /** Members of CreateFeatureGroup that DescribeFeatureGroup gives back as they came. */
  readonly echoed: Readonly<Record<string, unknown>>;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly featureMetadata?: Readonly<Record<string, FeatureMetadata>>;
  /** When it was last switched from provisioned throughput. */
  readonly onDemandSinceMs?: number;
  /** What an update under way makes of it. */
  readonly updated?: GroupDefinition;
}

export interface FeatureMetadata {
  readonly description?: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly modifiedAtMs: number;
}

/** A feature with its place in the stored record. Features are only ever added, so a place never changes. */
export interface FeatureSlot extends FeatureDefinition {
  readonly ordinal: number;
}

/** A group ready for use: frozen, replaced whole when its definition changes. */
export interface FeatureGroup {
  readonly id: number;
  readonly name: string;
  readonly arn: string;
  readonly status: GroupStatus;
  readonly definition: GroupDefinition;
  readonly slots: ReadonlyMap<string, FeatureSlot>;
  /** The same in the order of the definition. */
  readonly slotList: readonly FeatureSlot[];
  readonly recordIdSlot: FeatureSlot;
  readonly eventTimeSlot: FeatureSlot;
  readonly hasOnline: boolean;
  readonly hasOffline: boolean;
}

/** The group as the operations use it, from what the database holds. @throws if the definition contradicts itself. */
export function toFeatureGroup(
  row: { readonly id: number; readonly name: string; readonly arn: string; readonly status: GroupStatus },
  definition: GroupDefinition,
): FeatureGroup {
  const slots = new Map(
    definition.features.map((feature, ordinal) => [feature.name, { ...feature, ordinal }]),
  );
  const recordIdSlot = slots.get(definition.recordIdName);
  const eventTimeSlot = slots.get(definition.eventTimeName);
  if (recordIdSlot === undefined || eventTimeSlot === undefined) {
    throw new Error(`feature group ${row.name} does not define its identifier or its event time`);
  }
  const hasOnline = definition.online !== undefined;
  return Object.freeze({
    ...row,
    definition,
    slots,
    slotList: [...slots.values()],
    recordIdSlot,
    eventTimeSlot,
    hasOnline,
    hasOffline: definition.hasOffline,
  });
}

/** The values of a record that is deleted: identifier and event time, all else null. Online a tombstone, offline a marker row. */
export function toMarker(
  { slotList, recordIdSlot, eventTimeSlot }: FeatureGroup,
  recordId: string,
  eventTimeText: string,
): (string | null)[] {
  return slotList.map((slot) =>
    slot === recordIdSlot ? recordId : slot === eventTimeSlot ? eventTimeText : null,
  );
}
