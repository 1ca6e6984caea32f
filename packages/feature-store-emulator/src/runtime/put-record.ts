// Decides: PutRecord. A record that is not newer than the stored one is a success that changes nothing online.
// Leaves to others: the rules of one put (record-write.ts).
import type { Emulator } from "../emulator.ts";
import { getReadyGroup } from "../rules/group-names.ts";
import { applyRecordWrites, planRecordWrite } from "./record-write.ts";
import type { RuntimeRequest } from "./request.ts";
import { takeUnits } from "./units.ts";

export async function putRecord(emulator: Emulator, request: RuntimeRequest): Promise<undefined> {
  const group = getReadyGroup(emulator.groups, request.groupName);
  const write = planRecordWrite(group, request.body);
  takeUnits(emulator, group, "write", write.record.recordId, write.record.values);
  await emulator.database.transactions.transactSoon(() => applyRecordWrites(emulator, [write]));
}
