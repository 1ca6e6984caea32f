// The rules of OnlineStore: newest wins, an outcome a record, every call on the online side alone.

import { count, type FeatureGroup, type featureGroup, latest, type OnlineStore } from "@steward/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;

export interface OnlineStoreHarness {
  readonly store: OnlineStore;
  /** Moves the service's clock. */
  setClock(nowMs: number): Promise<void>;
  /** Faults of the service from now on; all rates 0 takes them away. */
  setFaults(faults: {
    throttleRate?: number;
    errorRate?: number;
    partialBatchRate?: number;
    seed?: number;
  }): Promise<void>;
  close(): Promise<void>;
}

export function describeOnlineStore(name: string, start: () => Promise<OnlineStoreHarness>): void {
  describe(`${name} as an OnlineStore`, () => {
    let harness: OnlineStoreHarness;
    let store: OnlineStore;
    let groups = 0;
    beforeAll(async () => {
      harness = await start();
      store = harness.store;
      await harness.setClock(NOW_MS);
    });
    afterAll(() => harness.close());

    /** A group of its own for each test. */
    async function ensured(options: Parameters<typeof aFeatureGroup>[0] = {}): Promise<FeatureGroup> {
      groups += 1;
      const group = aFeatureGroup({ name: `group-${groups}`, ...options });
      await store.ensureGroup(group);
      return group;
    }

    it("creates a group once and says where its offline files lie", async () => {
      const group = await ensured();

      const again = await store.ensureGroup(group);

      expect(again.offlineUri).toMatch(new RegExp(`^s3://.+/offline-store/${group.name}-\\d+/data$`));
      expect(await store.ensureGroup(group)).toEqual(again);
    });

    it("adds the features that a definition gained, and refuses a changed type", async () => {
      const group = await ensured();
      const grown = aFeatureGroup({
        name: group.name,
        features: { ...featuresOf(group), orders_7d: count().over("7 days") },
      });
      const changed = aFeatureGroup({ name: group.name, features: { orders_30d: latest("channel") } });

      await store.ensureGroup(grown);

      expect(await store.write(grown, [aRecord({ features: { orders_7d: 2 } })])).toEqual([
        { kind: "written" },
      ]);
      expect((await store.read(grown, ["00042"]))[0]?.features).toEqual({ orders_7d: 2 });
      await expect(store.ensureGroup(changed)).rejects.toThrow(/orders_30d.*cannot become String/);
    });

    it("gives back what was written, in the order asked for, with absent features absent", async () => {
      const group = await ensured();
      const records = [
        aRecord({
          recordId: "00007",
          eventTimeMs: 5_001,
          features: { orders_30d: 3, avg_order_value_30d: 0.1, last_channel: "é, 'web'" },
        }),
        aRecord({ recordId: "a/b c?d", features: { last_ordered_at: "1997-01-01T00:00:00.000Z" } }),
      ];

      const outcomes = await store.write(group, records);

      expect(outcomes).toEqual([{ kind: "written" }, { kind: "written" }]);
      expect(await store.read(group, ["a/b c?d", "nobody", "00007", "7"])).toEqual([
        records[1],
        undefined,
        records[0],
        undefined,
      ]);
    });

    it("keeps the newest record whatever the order of arrival, and the first of equal event times", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
          async (times) => {
            const group = await ensured();

            for (const [index, time] of times.entries()) {
              await store.write(group, [aRecord({ eventTimeMs: time, features: { orders_30d: index } })]);
            }

            const newest = Math.max(...times);
            expect((await store.read(group, ["00042"]))[0]).toEqual(
              aRecord({ eventTimeMs: newest, features: { orders_30d: times.indexOf(newest) } }),
            );
          },
        ),
        { numRuns: 15 },
      );
    });

    it("replaces the whole record: a feature that the newer one lacks is gone", async () => {
      const group = await ensured();

      await store.write(group, [
        aRecord({ eventTimeMs: 1, features: { orders_30d: 1, last_channel: "web" } }),
      ]);
      await store.write(group, [aRecord({ eventTimeMs: 2, features: { orders_30d: 2 } })]);

      expect((await store.read(group, ["00042"]))[0]?.features).toEqual({ orders_30d: 2 });
    });

    it("hides a record when its time to live has passed, counted from its event time", async () => {
      const group = await ensured({ ttl: "1 day" });
      await store.write(group, [aRecord({ eventTimeMs: NOW_MS - DAY_MS + 1_000 })]);
      const before = await store.read(group, ["00042"]);

      await harness.setClock(NOW_MS + 1_000);

      expect(before[0]?.recordId).toBe("00042");
      expect(await store.read(group, ["00042"])).toEqual([undefined]);
    });

    it("lists every identifier once, over many pages", async () => {
      const group = await ensured();
      const ids = Array.from({ length: 257 }, (_, index) => String(index).padStart(5, "0"));
      await store.write(
        group,
        ids.map((recordId) => aRecord({ recordId })),
      );

      const listed: string[] = [];
      for await (const page of store.list(group)) listed.push(...page);

      expect(listed.sort()).toEqual(ids);
    });

    it.each(["soft", "hard"] as const)(
      "deletes %s what is older, and refuses what is newer",
      async (mode) => {
        const group = await ensured();
        await store.write(group, [
          aRecord({ recordId: "old", eventTimeMs: 5 }),
          aRecord({ recordId: "new", eventTimeMs: 50 }),
        ]);

        const outcomes = [
          await store.delete(group, "old", { mode, eventTimeMs: aRecord({ eventTimeMs: 10 }).eventTimeMs }),
          await store.delete(group, "new", { mode, eventTimeMs: aRecord({ eventTimeMs: 10 }).eventTimeMs }),
        ];

        expect(outcomes).toEqual(["deleted", "refused"]);
        expect((await store.read(group, ["old", "new"])).map((record) => record?.recordId)).toEqual([
          undefined,
          "new",
        ]);
      },
    );

    it("shows a softly deleted identifier only to those who ask for it", async () => {
      const group = await ensured();
      await store.write(group, [aRecord({ eventTimeMs: 5 })]);
      await store.delete(group, "00042", {
        mode: "soft",
        eventTimeMs: aRecord({ eventTimeMs: 10 }).eventTimeMs,
      });

      const listed = async (includeSoftDeleted: boolean) => {
        const ids: string[] = [];
        for await (const page of store.list(group, { includeSoftDeleted })) ids.push(...page);
        return ids;
      };

      expect([await listed(false), await listed(true)]).toEqual([[], ["00042"]]);
    });

    it("says record by record what was throttled; written again, all is there", async () => {
      const group = await ensured();
      const records = Array.from({ length: 200 }, (_, index) => aRecord({ recordId: `r${index}` }));
      await harness.setFaults({ partialBatchRate: 0.3, throttleRate: 0.1, errorRate: 0.1, seed: 7 });

      const first = await store.write(group, records);
      await harness.setFaults({});
      const throttled = records.filter((_, index) => first[index]?.kind === "throttled");
      const readBack = await store.read(
        group,
        records.map(({ recordId }) => recordId),
      );
      const second = await store.write(group, throttled);

      expect(throttled.length).toBeGreaterThan(20);
      expect(throttled.length).toBeLessThan(180);
      expect(first.map(({ kind }) => kind)).toEqual(
        readBack.map((record) => (record === undefined ? "throttled" : "written")),
      );
      expect(second.every(({ kind }) => kind === "written")).toBe(true);
    });

    it("fails alone the record that Feature Store will not take, by the error's name and without its identifier", async () => {
      const group = await ensured();
      const canary = "qzkxvjwpnbtrmylc";
      const records = [
        aRecord({ recordId: "good" }),
        aRecord({ recordId: canary.repeat(200) }),
        aRecord({ recordId: "fine" }),
      ];

      const outcomes = await store.write(group, records);

      expect(outcomes.map(({ kind }) => kind)).toEqual(["written", "failed", "written"]);
      expect(outcomes[1]).toEqual({ kind: "failed", reason: expect.stringMatching(/^Validation/) });
      expect(JSON.stringify(outcomes)).not.toContain(canary);
    });
  });
}

function featuresOf(group: FeatureGroup): Parameters<typeof featureGroup>[1]["features"] {
  return Object.fromEntries(group.features.map(({ name, aggregation }) => [name, aggregation]));
}
