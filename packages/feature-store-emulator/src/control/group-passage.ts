// Decides: how a group passes from Creating to Created, and from Deleting to Deleted.
// Leaves to others: who asks for it (create-feature-group.ts, delete-feature-group.ts).
import type { Emulator } from "../emulator.ts";
import type { FeatureGroup } from "../store/feature-group.ts";

/** Records removed at a time, so that no request waits long for a deletion. */
const PURGE_RECORDS = 2_000;

/** Makes the group ready after the delay that the settings state. */
export function startCreation(emulator: Emulator, group: FeatureGroup): void {
  const { creationDelayMs } = emulator.settings;
  if (creationDelayMs === 0) finishCreation(emulator, group.name);
  else emulator.background.schedule(() => finishCreation(emulator, group.name), creationDelayMs);
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
  }
}

function finishCreation(emulator: Emulator, name: string): void {
  const group = emulator.groups.find(name);
  if (group?.status === "Creating") emulator.groups.replace(group, "Created", group.definition);
}

function continueDeletion(emulator: Emulator, group: FeatureGroup): void {
  const removedCount = emulator.records.purge(group.id, PURGE_RECORDS);
  emulator.database.scrubber.noteDeletion();
  if (removedCount < PURGE_RECORDS) emulator.groups.replace(group, "Deleted", group.definition);
  else emulator.background.schedule(() => continueDeletion(emulator, group), 0);
}
