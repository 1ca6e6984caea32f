// The rules of OnlineStore for groups, writes and reads: newest wins, an outcome a record, no identifier in an error.
// Listing and deleting are in online-store-deletions.ts.

import {
  boolean,
  count,
  date,
  decimal,
  entity,
  type FeatureGroup,
  featureGroup,
  float,
  instant,
  integer,
  latest,
  type OnlineStore,
  optional,
  source,
  text,
} from "@steward/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;

export interface OnlineStoreHarness {
  readonly store: OnlineStore;
  /** Moves the service's clock. */
  setClock(nowMs: number): Promise<void>;
  /** Faults of the service from now on, as shares from 0 to 1; those left out are 0. */
  setFaults(faults: {
    readonly throttleRate?: number;
    readonly errorRate?: number;
    readonly partialBatchRate?: number;
    readonly seed?: number;
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

    it("waits for a group that somebody else is creating", async () => {
      const group = aFeatureGroup({ name: "met-at-creation" });

      const ensured = await Promise.all([1, 2, 3].map(() => store.ensureGroup(group)));

      expect(new Set(ensured.map(({ createdAtMs }) => createdAtMs)).size).toBe(1);
      expect(await store.write(group, [aRecord()])).toEqual([{ kind: "written" }]);
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

    it("adds more features than one call takes", async () => {
      const group = await ensured();
      const many = Object.fromEntries(Array.from({ length: 230 }, (_, index) => [`f_${index}`, count()]));

      await store.ensureGroup(aFeatureGroup({ name: group.name, features: many }));

      const grown = aFeatureGroup({ name: group.name, features: many });
      await store.write(grown, [aRecord({ features: { f_0: 1, f_229: 2 } })]);
      expect((await store.read(grown, ["00042"]))[0]?.features).toEqual({ f_0: 1, f_229: 2 });
    });

    it("refuses a definition of another record identifier, and leaves the group as it is", async () => {
      const group = await ensured();
      const visitor = entity("visitor", { key: "visitor_id" });
      const visits = source("visits", {
        columns: { visitor_id: text(), at: instant() },
        eventTime: "at",
      });
      const other = featureGroup(group.name, {
        entity: visitor,
        source: visits,
        owner: "growth",
        features: { visits: count() },
      });

      await expect(store.ensureGroup(other)).rejects.toMatchObject({
        name: "InvalidInputError",
        message: expect.stringContaining('"customer_id" in Feature Store and cannot become "visitor_id"'),
      });
      expect(await store.write(group, [aRecord()])).toEqual([{ kind: "written" }]);
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

    it("tells identifiers apart by every character", async () => {
      const group = await ensured();
      const ids = [
        ...["7", "07", "007", "a/b", "a%2Fb", "a b", "a+b", "a", "A", "\u{1F469}\u200D\u{1F680}"],
        ...["Caf\u00E9", "Cafe\u0301"], // the same to the eye
      ];
      await store.write(
        group,
        ids.map((recordId, index) => aRecord({ recordId, features: { orders_30d: index } })),
      );

      const found = await store.read(group, ids);

      expect(found.map((record) => [record?.recordId, record?.features.orders_30d])).toEqual(
        ids.map((recordId, index) => [recordId, index]),
      );
    });

    it("gives back every type of value exactly, true and false, zero and the greatest numbers among them", async () => {
      const group = allTypes();
      await store.ensureGroup(group);
      const records = [
        aRecord({
          recordId: "high",
          eventTimeMs: 253_402_300_799_999,
          features: {
            a_boolean: true,
            a_date: "1997-10-01",
            a_decimal: 9_999_999_999_999.99,
            a_float: 1.7976931348623157e308,
            a_text: "null",
            a_whole: 9_007_199_254_740_991,
            an_instant: "1997-10-01T08:00:00.001Z",
          },
        }),
        aRecord({
          recordId: "low",
          eventTimeMs: -1,
          features: { a_boolean: false, a_decimal: 0, a_float: 5e-324, a_whole: -9_007_199_254_740_991 },
        }),
      ];

      await store.write(group, records);

      expect(await store.read(group, ["high", "low"])).toEqual(records);
    });

    it("reads a record by the definition it is given, and leaves out what that does not have", async () => {
      const group = await ensured();
      const grown = aFeatureGroup({
        name: group.name,
        features: { ...featuresOf(group), orders_7d: count().over("7 days") },
      });
      await store.ensureGroup(grown);
      await store.write(grown, [aRecord({ features: { orders_7d: 1, orders_30d: 2 } })]);

      expect((await store.read(group, ["00042"]))[0]?.features).toEqual({ orders_30d: 2 });
    });

    it("takes nothing and reads nothing, and reads one identifier as often as it is asked for", async () => {
      const group = await ensured();
      await store.write(group, [aRecord()]);

      expect(await store.write(group, [])).toEqual([]);
      expect(await store.read(group, [])).toEqual([]);
      expect(await store.read(group, ["00042", "x", "00042"])).toEqual([aRecord(), undefined, aRecord()]);
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

    it("reads on through throttles, errors and partial answers", async () => {
      const group = await ensured();
      const ids = Array.from({ length: 350 }, (_, index) => `r${index}`);
      await store.write(
        group,
        ids.map((recordId) => aRecord({ recordId })),
      );
      await harness.setFaults({ partialBatchRate: 0.2, throttleRate: 0.2, errorRate: 0.1, seed: 3 });

      const found = await store.read(group, ids);
      await harness.setFaults({});

      expect(found.map((record) => record?.recordId)).toEqual(ids);
    });

    it.each([{ throttleRate: 1 }, { errorRate: 1 }, { partialBatchRate: 1 }])(
      "says that it may succeed later when every try to read meets %o",
      async (faults) => {
        const group = await ensured();
        await harness.setFaults(faults);

        const failure = await store.read(group, ["zqkvmwxyjhbtrplg"]).catch((error: Error) => error);
        await harness.setFaults({});

        expect(failure).toMatchObject({ name: "UnavailableError", retryable: true });
        expect(everythingIn(failure)).not.toContain("zqkvmwxyjhbtrplg");
      },
    );

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

    it("names group and rule, and no identifier, whatever is refused", async () => {
      const group = await ensured();
      const unknown = aFeatureGroup({ name: "never-made" });
      const canary = "qzkxvjwpnbtrmylc";
      const tooLong = canary.repeat(200);
      const deletion = { mode: "hard", eventTimeMs: aRecord().eventTimeMs } as const;
      const listing = async () => {
        for await (const page of store.list(unknown)) throw new Error(`a page of ${page.length}`);
      };

      const failures = await Promise.all(
        [
          store.read(group, [tooLong]),
          store.delete(group, tooLong, deletion),
          store.delete(group, tooLong, { ...deletion, mode: "soft" }),
          store.read(unknown, [canary]),
          store.delete(unknown, canary, deletion),
          listing(),
        ].map((call) => call.then(String, (error: Error) => error)),
      );

      expect(failures.map((failure) => Object(failure).name)).toEqual([
        "InvalidInputError",
        "InvalidInputError",
        "InvalidInputError",
        "NotFoundError",
        "NotFoundError",
        "NotFoundError",
      ]);
      expect(everythingIn(failures)).toContain(group.name);
      expect(everythingIn(failures)).not.toContain(canary);
    });
  });
}

function featuresOf(group: FeatureGroup): Parameters<typeof featureGroup>[1]["features"] {
  return Object.fromEntries(group.features.map(({ name, aggregation }) => [name, aggregation]));
}

/** One feature of every type. */
function allTypes(): FeatureGroup {
  const columns = {
    customer_id: text(),
    at: instant(),
    a_boolean: optional(boolean()),
    a_date: optional(date()),
    a_decimal: optional(decimal(15, 2)),
    a_float: optional(float()),
    a_text: optional(text()),
    a_whole: optional(integer()),
    an_instant: optional(instant()),
  };
  const { customer_id: _, at: __, ...features } = columns;
  return featureGroup("all-types", {
    entity: entity("customer", { key: "customer_id" }),
    source: source("samples", { columns, eventTime: "at" }),
    owner: "growth",
    features: Object.fromEntries(
      (Object.keys(features) as (keyof typeof features)[]).map((name) => [name, latest(name)]),
    ),
  });
}

/** All of an error: message, stack, causes, and what hangs on it. */
export function everythingIn(value: unknown, depth = 6): string {
  if (typeof value !== "object" || value === null || depth === 0) return String(value);
  return Reflect.ownKeys(value)
    .map((key) => `${String(key)} ${everythingIn(Reflect.get(value, key), depth - 1)}`)
    .join("\n");
}
