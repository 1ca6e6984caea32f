// Decides: which units a write or a reading of a record takes from its group's pace.
// Leaves to others: how many there are (../pace.ts).
import { findProvisionedUnits } from "../control/throughput.ts";
import type { Emulator } from "../emulator.ts";
import { throttled } from "../faults.ts";
import type { Direction } from "../pace.ts";
import { countRecordBytes } from "../rules/record-values.ts";
import type { FeatureGroup } from "../store/feature-group.ts";
import type { FeatureValues } from "../store/records-table.ts";

/** True where no pace is set. `values` undefined: the record is not there. */
export function takesUnits(
  emulator: Emulator,
  group: FeatureGroup,
  direction: Direction,
  recordId: string,
  values: FeatureValues | undefined,
): boolean {
  const pace = emulator.faults.paceOf(group.name);
  if (pace === undefined) return true;
  return pace.takes({
    direction,
    groupName: group.name,
    recordId,
    bytes: values === undefined ? 0 : countRecordBytes(group, values),
    provisionedUnits: findProvisionedUnits(group.definition)?.[direction],
  });
}

/** @throws ThrottlingException when the units are used up. */
export function takeUnits(...asked: Parameters<typeof takesUnits>): void {
  if (!takesUnits(...asked)) throw throttled();
}
