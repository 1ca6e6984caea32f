// Decides whose turn it is to be compared: the next records at each check, but the same again while they differ, so that
// one record that went astray keeps its alarm on until it is repaired.

import { updateItem } from "../ledger/update-item.ts";
import type { Ledger, LedgerKey } from "../ports/ledger.ts";

const turnKey = (group: string): LedgerKey => ({ partition: "sample-turns", sort: group });

export async function findTurn(ledger: Ledger, group: string): Promise<number> {
  return Number((await ledger.find(turnKey(group)))?.body.turn ?? 0);
}

/** Moves on from a turn; where another checker has done so already, nothing changes. */
export async function passTurn(ledger: Ledger, group: string, turn: number): Promise<void> {
  await updateItem(ledger, turnKey(group), (present) =>
    Number(present?.body.turn ?? 0) === turn ? { turn: turn + 1 } : undefined,
  );
}
