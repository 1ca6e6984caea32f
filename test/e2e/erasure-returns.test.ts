// Who comes back after the suppression while its erasure is still at work, and what lies exactly at its time.

import { type EpochMs, UnavailableError, writeRecords } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  drive,
  erase,
  expectTheOthers,
  GROUP,
  OTHER,
  onceAfter,
  openShop,
  PERSON,
  placesLeft,
  readEverywhere,
  reportOf,
  type Shop,
  startJanuary,
  T_AT_NOW,
} from "../support/erasure-holes.ts";
import { at, makeStateDir, refresh, removeStateDir } from "../support/platform.ts";
import { writeBoth } from "../support/rebuilds.ts";
import { until } from "../support/until.ts";

const PATIENCE_MS = 120_000;

let stateDir: string;
let shop: Shop;

beforeEach(() => {
  stateDir = makeStateDir();
});

afterEach(async () => {
  await shop.platform.close();
  await removeStateDir(stateDir);
});

describe("a customer who comes back during an erasure", { timeout: PATIENCE_MS }, () => {
  it.for(["soft deletion", "hard deletion", "rewrite of a file"] as const)(
    "stays, with what was bought since alone, when the %s is done again",
    async (step) => {
      shop = await openShop(stateDir, PERSON);
      const { platform } = shop;
      let cameBack = false;
      const comeBack = async (): Promise<void> => {
        drive(platform, at("2026-03-01"));
        const file = shop.file("again.csv", [`${PERSON},2026-02-20,1,7.00`]);
        const refreshed = await refresh(platform, GROUP, "2026-02-25", [file]);
        cameBack = refreshed.status === "succeeded";
        throw new UnavailableError("the step's answer was lost");
      };
      if (step === "rewrite of a file") onceAfter(platform.ports.erasureFiles, "rewrite", comeBack);
      else
        onceAfter(platform.ports.onlineStore, "delete", comeBack, (_group, _recordId, { mode }) =>
          step.startsWith(mode),
        );

      const erased = await erase(platform, PERSON);

      expect(cameBack).toBe(true);
      expect(reportOf(erased)).toMatchObject({
        outcome: "certified",
        suppressedUntil: "2026-02-01T00:00:00.001Z",
        counts: { erased: 1 },
      });
      for (const record of await readEverywhere(platform, PERSON))
        expect(record).toMatchObject({
          eventTimeMs: at("2026-02-25"),
          features: { orders_90d: 1, items_90d: 1, last_ordered_at: "2026-02-20T00:00:00.000Z" },
        });
      await expectTheOthers(platform, "2026-02-25T00:00:00.000Z", PERSON);
    },
  );
});

describe("what is dated exactly T", { timeout: PATIENCE_MS }, () => {
  it("goes from every store and comes back into none, while a millisecond later it stays and comes", async () => {
    shop = await openShop(stateDir);
    const { platform } = shop;
    const afterT = (T_AT_NOW + 1) as EpochMs;
    const dated = [
      { recordId: PERSON, eventTimeMs: T_AT_NOW, features: { orders_7d: 7 } },
      { recordId: OTHER, eventTimeMs: afterT, features: { orders_7d: 8 } },
    ];
    platform.startWorkers();
    const first = await startJanuary(shop, PERSON, OTHER);
    expect(await platform.settled(first)).toMatchObject({ status: "succeeded" });
    await writeBoth(platform, customerPurchases, dated);
    await platform.ports.onlineStore.write(customerPurchases, dated, { alsoOffline: true });
    await until("both are in the three stores, dated so", async () => {
      const records = [
        ...(await readEverywhere(platform, PERSON)),
        ...(await readEverywhere(platform, OTHER)),
      ];
      return (
        records.map((record) => record?.eventTimeMs).join() ===
        [T_AT_NOW, T_AT_NOW, T_AT_NOW, afterT, afterT, afterT].join()
      );
    });

    const erased = await erase(platform, PERSON, OTHER);

    expect(reportOf(erased).suppressedUntil).toBe("2026-02-01T00:00:00.001Z");
    expect(await placesLeft(platform, PERSON)).toEqual([]);
    for (const record of await readEverywhere(platform, OTHER))
      expect(record).toMatchObject({ eventTimeMs: afterT, features: { orders_7d: 8 } });
    drive(platform, at("2026-03-01"));
    const again = shop.file("again.csv", [
      `${PERSON},2026-02-01T00:00:00.001Z,1,7.00`,
      `${OTHER},2026-02-01T00:00:00.002Z,1,7.00`,
    ]);
    await refresh(platform, GROUP, "2026-02-25", [again]);
    expect(await placesLeft(platform, PERSON)).toEqual([]);
    for (const record of await readEverywhere(platform, OTHER))
      expect(record?.features).toMatchObject({ orders_90d: 1, items_90d: 1 });
    expect(await writeOne(PERSON, T_AT_NOW)).toMatchObject({
      hot: { suppressed: 1 },
      online: { suppressed: 1 },
    });
    expect(await placesLeft(platform, PERSON)).toEqual([]);
    expect(await writeOne(PERSON, afterT)).toMatchObject({ hot: { written: 1 }, online: { written: 1 } });
    expect((await readEverywhere(platform, PERSON)).map((record) => record?.eventTimeMs)).toEqual([
      afterT,
      afterT,
      undefined,
    ]);
  });
});

async function writeOne(recordId: string, eventTimeMs: EpochMs) {
  const records = [{ recordId, eventTimeMs, features: { orders_7d: 9 } }];
  const { ports } = shop.platform;
  const targets = ["hot", "online"] as const;
  const { counts } = await writeRecords(ports, customerPurchases, records, {
    deadlineMs: Number.POSITIVE_INFINITY,
    targets,
  });
  return counts;
}
