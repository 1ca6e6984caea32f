// Decides: how a group passes from Creating to Created, through an update, and from Deleting to Deleted.
// Leaves to others: who asks for it (create-, update- and delete-feature-group.ts).
import type { Emulator } from "../emulator.ts";
import type { FeatureGroup, GroupDefinition } from "../store/feature-group.ts";

/** Records removed at a time, so that no request waits long for a deletion. */
const PURGE_RECORDS = 2_000;

/** Makes the group ready after the delay that the settings state. */
export function startCreation(emulator: Emulator, group: FeatureGroup): void {
  const { creationDelayMs } = emulator.settings;
  if (creationDelayMs === 0) finishCreation(emulator, group.name);
  else emulator.background.schedule(() => finishCreation(emulator, group.name), creationDelayMs);
}

/** Changes the group after the same delay; until then it is used as it was. */
export function startUpdate(emulator: Emulator, group: FeatureGroup, updated: GroupDefinition): void {
  const updating = emulator.groups.replace(group, group.status, { ...group.definition, updated });
  const { creationDelayMs } = emulator.settings;
  if (creationDelayMs === 0) finishUpdate(emulator, updating.name);
  else emulator.background.schedule(() => finishUpdate(emulator, updating.name), creationDelayMs);
}

/** Removes the group's records slice by slice, then the group. Its offline rows stay, as S3 objects do on AWS. */
export function startDeletion(emulator: Emulator, group: FeatureGroup): void {
  const deleting = emulator.groups.replace(group, "Deleting", group.definition);
  emulator.background.schedule(() => continueDeletion(emulator, deleting), 0);
}

/** Takes up what a stop or a kill interrupted. */
export function resumePassages(emulator: Emulator): void {
  for (const group of emulator.groups.list()) {
    if (group.status === "Creating") finishCreation(emulator, group.name);
    if (group.status === "Deleting") startDeletion(emulator, group);
    if (group.definition.updated !== undefined) finishUpdate(emulator, group.name);
  }
}

function finishCreation(emulator: Emulator, name: string): void {
  const group = emulator.groups.find(name);
  if (group?.status === "Creating") emulator.groups.replace(group, "Created", group.definition);
}

/** Tags and metadata may have changed meanwhile: they are not the update's. */
function finishUpdate(emulator: Emulator, name: string): void {
  const group = emulator.groups.find(name);
  if (group?.status !== "Created") return;
  const { updated, tags, featureMetadata } = group.definition;
  if (updated === undefined) return;
  emulator.groups.replace(group, group.status, {
    ...updated,
    ...(tags !== undefined && { tags }),
    ...(featureMetadata !== undefined && { featureMetadata }),
  });
}

function continueDeletion(emulator: Emulator, group: FeatureGroup): void {
  const removedCount = emulator.records.purge(group.id, PURGE_RECORDS);
  emulator.database.scrubber.noteDeletion();
  if (removedCount < PURGE_RECORDS) emulator.groups.replace(group, "Deleted", group.definition);
  else emulator.background.schedule(() => continueDeletion(emulator, group), 0);
}
