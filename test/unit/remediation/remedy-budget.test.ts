// What is remembered of a group's remedies.

import { toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import { listSpent, spend } from "../../../packages/core/src/remediation/remedy-budget.ts";
import { aLedger } from "../../support/durable-stores.ts";

const DAY_MS = 24 * 3_600_000;
const at = (ms: number) => toEpochMs(1_000_000_000_000 + ms);

describe("spend", () => {
  it("counts a remedy once, however often it is begun", async () => {
    const ledger = aLedger();

    for (let tries = 0; tries < 3; tries += 1)
      await spend(ledger, "orders", { key: "i1-0", atMs: at(tries), windowMs: DAY_MS });

    expect(await listSpent(ledger, "orders")).toEqual([at(0)]);
  });

  it("counts over incidents, loses none that are begun at once, and keeps groups apart", async () => {
    const ledger = aLedger();

    await Promise.all(
      ["i1-0", "i1-1", "i2-0"].map((key) => spend(ledger, "orders", { key, atMs: at(0), windowMs: DAY_MS })),
    );

    expect(await listSpent(ledger, "orders")).toHaveLength(3);
    expect(await listSpent(ledger, "views")).toEqual([]);
    expect(await listSpent(ledger, null)).toEqual([]);
  });

  it("forgets what is older than the window, so that the item stays small", async () => {
    const ledger = aLedger();
    await spend(ledger, "orders", { key: "i1-0", atMs: at(0), windowMs: DAY_MS });
    await spend(ledger, "orders", { key: "i2-0", atMs: at(DAY_MS - 1), windowMs: DAY_MS });

    await spend(ledger, "orders", { key: "i3-0", atMs: at(DAY_MS), windowMs: DAY_MS });

    expect(await listSpent(ledger, "orders")).toEqual([at(DAY_MS - 1), at(DAY_MS)]);
  });
});
