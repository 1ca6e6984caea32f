// Decides when a group's alarms are silent: while a rebuild that is at work on it writes its stores, which are then not as
// they will be. The window is the rebuild's lease, so that it begins, ends and lapses with it, and nobody has to close it.

import { findHolder, isAtWork, type LeasePorts } from "../ledger/lease.ts";

export async function isInMaintenance(ports: LeasePorts, group: string): Promise<boolean> {
  const rebuild = { workflow: "rebuild", group };
  const holder = await findHolder(ports.ledger, rebuild);
  return holder !== undefined && isAtWork(ports, rebuild, holder.runId);
}
