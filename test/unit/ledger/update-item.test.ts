// How an item is changed while others change it: decided again on what is there, never written over.

import { ConflictError, type Ledger, type LedgerItem } from "@steward/core";
import { describe, expect, it } from "vitest";
import { updateItem } from "../../../packages/core/src/ledger/update-item.ts";
import { aLedger } from "../../support/durable-stores.ts";

const KEY = { partition: "p", sort: "s" };
const addOne = (item: LedgerItem | undefined) => ({ n: Number(item?.body.n ?? 0) + 1 });

/** The ledger as one sees it whose every read is followed by the write of another, so many times. */
function withAnotherWriter(ledger: Ledger, times: number): Ledger {
  let left = times;
  return {
    async find(key) {
      const item = await ledger.find(key);
      if (left > 0) {
        left -= 1;
        await ledger.put(key, { n: Number(item?.body.n ?? 0) + 10 }, item ?? "absent");
      }
      return item;
    },
    list: (...given) => ledger.list(...given),
    put: (...given) => ledger.put(...given),
    remove: (...given) => ledger.remove(...given),
  };
}

describe("updateItem", () => {
  it("creates the item where there is none", async () => {
    const ledger = aLedger();

    expect(await updateItem(ledger, KEY, addOne)).toEqual({ ...KEY, body: { n: 1 }, version: 1 });
    expect(await ledger.find(KEY)).toEqual({ ...KEY, body: { n: 1 }, version: 1 });
  });

  it("decides again on what another wrote between its read and its write", async () => {
    const ledger = aLedger();

    const updated = await updateItem(withAnotherWriter(ledger, 3), KEY, addOne);

    expect(updated).toEqual({ ...KEY, body: { n: 31 }, version: 4 });
    expect(await ledger.find(KEY)).toEqual(updated);
  });

  it("writes nothing where the change says so, and gives the item as it is", async () => {
    const ledger = aLedger();
    await ledger.put(KEY, { n: 5 }, "absent");

    expect(await updateItem(ledger, KEY, () => undefined)).toEqual({ ...KEY, body: { n: 5 }, version: 1 });
  });

  it("gives up after 50 lost races, with nothing of its own written", async () => {
    const ledger = aLedger();

    await expect(updateItem(withAnotherWriter(ledger, 50), KEY, addOne)).rejects.toThrow(ConflictError);

    expect((await ledger.find(KEY))?.body).toEqual({ n: 500 });
  });
});
