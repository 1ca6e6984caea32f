// Decides how an item is changed under contention: read, decide, write if unchanged, else again.

import { ConflictError } from "../errors/steward-error.ts";
import type { Ledger, LedgerBody, LedgerItem, LedgerKey } from "../ports/ledger.ts";

const MAX_TRIES = 50;

/**
 * Applies `change` to the item until the write meets the item it was decided on. `change` gets the present item
 * (undefined: none) and gives the new body, or undefined to leave all as it is. Returns the item as it then is.
 * @throws ConflictError after 50 lost races.
 */
export async function updateItem(
  ledger: Ledger,
  key: LedgerKey,
  change: (item: LedgerItem | undefined) => LedgerBody | undefined,
): Promise<LedgerItem | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const item = await ledger.find(key);
    const body = change(item);
    if (body === undefined) return item;
    const outcome = await ledger.put(key, body, item === undefined ? "absent" : { version: item.version });
    if (outcome.kind === "applied") return { ...key, body, version: outcome.version };
  }
  throw new ConflictError(
    `the ledger item ${key.partition} was changed by others ${MAX_TRIES} times in a row`,
  );
}
