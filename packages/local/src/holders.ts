// Decides how a process of this machine is named in the ledger, and when it is known to be dead.

import { hostname } from "node:os";
import { currentProcess, isAlive, type ProcessIdentity } from "@steward/adapters";
import type { Holders } from "@steward/core";

/** Processes of this machine, by pid and the moment they were started; those of another machine are never called gone. */
export function localHolders(): Holders {
  const host = hostname();
  const current = JSON.stringify({ host, ...currentProcess() });
  return {
    current: () => current,
    isGone(holder) {
      const named = JSON.parse(holder) as ProcessIdentity & { readonly host: string };
      return named.host === host && !isAlive(named);
    },
  };
}
