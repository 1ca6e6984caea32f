// How eraseNamed meets an online store that changes under it, on the real client against the emulator.

import { eraseNamed, type HotStore, type OnlineStore, toEpochMs } from "@steward/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aRecord, aSessionGroup } from "../../support/builders.ts";
import { startFeatureStoreForTests, type TestFeatureStore } from "../../support/feature-store.ts";

const T = toEpochMs(2_000);
const group = aSessionGroup();
const ada = { identifier: "ada", pseudonym: "0a1", untilMs: T };
const EMPTY_HOT: Pick<HotStore, "removeNamed"> = {
  removeNamed: async () => ({ lookedAt: 0, removed: 0, newerKept: 0 }),
};

let featureStore: TestFeatureStore;
let online: OnlineStore;

beforeAll(async () => {
  featureStore = await startFeatureStoreForTests();
  online = featureStore.store;
  await online.ensureGroup(group);
});
afterAll(() => featureStore.close());

const visit = (recordId: string, customerId: string, eventTimeMs: number) =>
  aRecord({ recordId, eventTimeMs, features: { customer_id: customerId, visits: 1 } });
const write = async (...records: readonly ReturnType<typeof visit>[]) => {
  const outcomes = await online.write(group, records);
  expect(outcomes.every(({ kind }) => kind === "written")).toBe(true);
};
const customersOf = async (...ids: readonly string[]) =>
  (await online.read(group, ids)).map((record) => record?.features.customer_id);

/** The store, with something that happens after its first reading. */
function overtaken(after: () => Promise<void>): OnlineStore {
  let isFirst = true;
  return {
    flushOffline: () => online.flushOffline(),
    ensureGroup: (given) => online.ensureGroup(given),
    write: (given, records) => online.write(given, records),
    list: (given, options) => online.list(given, options),
    delete: (given, recordId, deletion) => online.delete(given, recordId, deletion),
    async read(given, recordIds) {
      const records = await online.read(given, recordIds);
      if (isFirst) await after();
      isFirst = false;
      return records;
    },
  };
}
const erase = (onlineStore: OnlineStore) =>
  eraseNamed({ onlineStore, hotStore: EMPTY_HOT as HotStore }, group, "customer_id", [ada]);

describe("eraseNamed, online", () => {
  it("leaves alone what was written anew since it was read, and erases it if it still names the subject", async () => {
    await write(
      visit("s1", "ada", 1_000),
      visit("s2", "ada", 1_000),
      visit("s3", "ada", 1_000),
      visit("s4", "ada", 1_000),
    );
    const store = overtaken(() =>
      write(visit("s1", "bea", 1_500), visit("s2", "ada", 1_500), visit("s3", "ada", 2_500)),
    );

    const erased = await erase(store);

    expect(erased.online).toEqual({ lookedAt: 4, found: 3, erased: 2, newerKept: 1 });
    expect(await customersOf("s1", "s2", "s3", "s4")).toEqual(["bea", undefined, "ada", undefined]);
  });

  it("takes a record that went away meanwhile for nothing found", async () => {
    await write(visit("s5", "ada", 1_000));
    const store = overtaken(async () => {
      await online.delete(group, "s5", { mode: "soft", eventTimeMs: toEpochMs(1_800) });
    });

    expect((await erase(store)).online.erased).toBe(0);
    expect(await customersOf("s5")).toEqual([undefined]);
  });

  it("leaves no trace of what it erased: not even a deleted record of that name", async () => {
    await write(visit("s6", "ada", 1_000));

    await erase(online);

    const left = [];
    for await (const page of online.list(group, { includeSoftDeleted: true })) left.push(...page);
    expect(left).not.toContain("s6");
  });
});
