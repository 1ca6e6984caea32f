// Decides: PutRecord. A record that is not newer than the stored one is a success that changes nothing online.
// Leaves to others: the rules of one put (record-write.ts).
import type { Emulator } from "../emulator.ts";
import { getReadyGroup } from "../rules/group-names.ts";
import { applyRecordWrite, planRecordWrite } from "./record-write.ts";
import type { RuntimeRequest } from "./request.ts";
import { takeUnits } from "./units.ts";

export function putRecord(emulator: Emulator, request: RuntimeRequest): undefined {
  const group = getReadyGroup(emulator.groups, request.groupName);
  const write = planRecordWrite(group, request.body);
  takeUnits(emulator, group, "write", write.record.recordId, write.record.values);
  emulator.database.transact(() => applyRecordWrite(emulator, write));
}
