// The rules of HotStore: newest wins, a fence refuses, a missing guard stops all writing, values decode by their version.

import { createHash } from "node:crypto";
import {
  count,
  type FeatureGroup,
  type Fence,
  type HotStore,
  type KeyedRecord,
  latest,
  mean,
  type Pseudonym,
  tagOf,
  toEpochMs,
} from "@steward/core";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";

export interface HotStoreHarness {
  /** A store on the same data; `earlierVersions` as its groups were before. */
  open(earlierVersions?: readonly FeatureGroup[]): HotStore;
  /** Loses everything, guards and fences included. */
  flush(): Promise<void>;
  /** All that the store holds, keys and values, as bytes. */
  dump(): Promise<Buffer>;
  close(): Promise<void>;
}

const NOW_MS = toEpochMs(1_000_000_000_000);
const group = aFeatureGroup();

/** A pseudonym of a tag (by default: any). */
export function pseudonymOf(text: string, tag?: string): Pseudonym {
  const digest = createHash("sha256").update(text).digest("hex");
  return tag === undefined ? digest : tag + digest.slice(tag.length);
}

/** Sets the guard of every tag of the pseudonyms, without any fence. */
export async function guard(store: HotStore, pseudonyms: readonly Pseudonym[]): Promise<void> {
  for (const tag of new Set(pseudonyms.map(tagOf))) await store.applyFences(group.owner, tag, [], []);
}

export function keyed(pseudonym: Pseudonym, eventTimeMs: number, orders = 1): KeyedRecord {
  return { pseudonym, record: aRecord({ eventTimeMs, features: { orders_30d: orders } }) };
}

function fence(pseudonym: Pseudonym, untilMs: number): Fence {
  return { pseudonym, untilMs: toEpochMs(untilMs) };
}

export function describeHotStore(name: string, start: () => Promise<HotStoreHarness>): void {
  describe(`${name} as a HotStore`, () => {
    let harness: HotStoreHarness;
    let store: HotStore;
    const ada = pseudonymOf("ada", "0a1");
    const bea = pseudonymOf("bea", "0a1");

    beforeAll(async () => {
      harness = await start();
    });
    beforeEach(async () => {
      await harness.flush();
      store = harness.open();
      await guard(store, [ada]);
    });
    afterAll(() => harness.close());

    const write = (...records: readonly KeyedRecord[]) => store.write(group, records, NOW_MS);
    const ordersOf = async (...pseudonyms: readonly Pseudonym[]) =>
      (await store.read(group, pseudonyms)).map((value) => value?.features.orders_30d);

    it("reads what was written, in the order of the question, undefined where there is nothing", async () => {
      const features = {
        avg_order_value_30d: 12.345,
        last_channel: "Köln – 東京",
        last_ordered_at: "1997-10-01T00:00:00.000Z",
        orders_30d: 9_007_199_254_740_991,
      };
      await write({ pseudonym: ada, record: aRecord({ eventTimeMs: 5_000, features }) });

      expect(await store.read(group, [bea, ada, bea])).toEqual([
        undefined,
        { eventTimeMs: 5_000, features },
        undefined,
      ]);
    });

    it("holds every whole number that a double holds, the negative ones too", async () => {
      const numbers = [0, -1, 2 ** 31, 2 ** 52, -(2 ** 52) - 1, 2 ** 53 - 1, -(2 ** 53) + 1];
      const subjects = numbers.map((number) => pseudonymOf(`number ${number}`, "0a1"));
      await write(...numbers.map((number, index) => keyed(subjects[index] ?? "", 1_000, number)));

      expect(await ordersOf(...subjects)).toEqual([
        0, -1, 2_147_483_648, 4_503_599_627_370_496, -4_503_599_627_370_497, 9_007_199_254_740_991,
        -9_007_199_254_740_991,
      ]);
    });

    it("leaves a feature without a value absent", async () => {
      await write({ pseudonym: ada, record: aRecord({ features: {} }) });

      expect((await store.read(group, [ada]))[0]?.features).toEqual({});
    });

    it("holds a date before 1970", async () => {
      const outcomes = await write(keyed(ada, -86_400_000, 1), keyed(ada, -86_400_001, 2));

      expect(outcomes).toEqual(["written", "newerKept"]);
      expect((await store.read(group, [ada]))[0]?.eventTimeMs).toBe(-86_400_000);
    });

    it("keeps the newer record when an older one arrives later", async () => {
      await write(keyed(ada, 2_000, 2));

      expect(await write(keyed(ada, 1_999, 1))).toEqual(["newerKept"]);
      expect(await ordersOf(ada)).toEqual([2]);
    });

    it("compares times as numbers: a later byte that is smaller does not hide a higher one", async () => {
      await write(keyed(ada, 0xff, 1));

      expect(await write(keyed(ada, 0x1_00, 2))).toEqual(["written"]);
      expect(await ordersOf(ada)).toEqual([2]);
    });

    it("counts the same bytes as written, and other bytes of the same event time as newer kept", async () => {
      await write(keyed(ada, 2_000, 2));

      expect(await write(keyed(ada, 2_000, 2))).toEqual(["written"]);
      expect(await write(keyed(ada, 2_000, 3))).toEqual(["newerKept"]);
      expect(await ordersOf(ada)).toEqual([2]);
    });

    it("lets a subject come twice in one call, as if in two", async () => {
      expect(await write(keyed(ada, 1, 1), keyed(ada, 3, 3), keyed(ada, 2, 2), keyed(ada, 3, 3))).toEqual([
        "written",
        "written",
        "newerKept",
        "written",
      ]);
      expect(await ordersOf(ada)).toEqual([3]);
    });

    it("gives one outcome a record, in order, over more records and tags than one batch holds", async () => {
      const pseudonyms = Array.from({ length: 1_500 }, (_, index) =>
        pseudonymOf(`subject ${index}`, index % 2 === 0 ? "fff" : undefined),
      );
      await guard(store, pseudonyms);
      await write(...pseudonyms.filter((_, index) => index % 3 === 0).map((subject) => keyed(subject, 9, 9)));

      const outcomes = await write(...pseudonyms.map((subject, index) => keyed(subject, 5, index)));

      expect(outcomes).toEqual(pseudonyms.map((_, index) => (index % 3 === 0 ? "newerKept" : "written")));
      expect(await ordersOf(...pseudonyms)).toEqual(
        pseudonyms.map((_, index) => (index % 3 === 0 ? 9 : index)),
      );
    });

    it("takes nothing and reads nothing", async () => {
      expect(await write()).toEqual([]);
      expect(await store.read(group, [])).toEqual([]);
    });

    it("refuses what is dated at or before the fence, and takes what is newer", async () => {
      await store.applyFences(group.owner, "0a1", [group.name], [fence(ada, 2_000)]);

      const outcomes = await write(
        keyed(ada, 1_999),
        keyed(ada, 2_000),
        keyed(ada, 2_001),
        keyed(bea, 1_999),
      );

      expect(outcomes).toEqual(["suppressed", "suppressed", "written", "written"]);
    });

    it("removes the values dated at or before the fence, in the groups it is told, and no others", async () => {
      const other = aFeatureGroup({ name: "customer-visits" });
      await write(keyed(ada, 2_000), keyed(bea, 2_000));
      await store.write(other, [keyed(ada, 2_001)], NOW_MS);

      await store.applyFences(group.owner, "0a1", [group.name, other.name], [fence(ada, 2_000)]);

      expect(await ordersOf(ada, bea)).toEqual([undefined, 1]);
      expect(await store.read(other, [ada])).toHaveLength(1);
      expect((await store.read(other, [ada]))[0]?.eventTimeMs).toBe(2_001);
    });

    it("never lowers a fence", async () => {
      await store.applyFences(group.owner, "0a1", [group.name], [fence(ada, 2_000)]);
      await store.applyFences(group.owner, "0a1", [group.name], [fence(ada, 1_000)]);

      expect(await write(keyed(ada, 1_500))).toEqual(["suppressed"]);
    });

    it("fences one owner's groups, not another's", async () => {
      const foreign = aFeatureGroup({ owner: "risk" });
      await store.applyFences("risk", "0a1", [], []);
      await store.applyFences(group.owner, "0a1", [group.name], [fence(ada, 2_000)]);

      expect(await store.write(foreign, [keyed(ada, 1_000)], NOW_MS)).toEqual(["written"]);
    });

    it("applies more fences than one script holds", async () => {
      const subjects = Array.from({ length: 700 }, (_, index) => pseudonymOf(`subject ${index}`, "0a1"));
      await write(...subjects.map((subject) => keyed(subject, 1_000)));

      await store.applyFences(
        group.owner,
        "0a1",
        [group.name],
        subjects.map((subject) => fence(subject, 1_000)),
      );

      expect(new Set(await ordersOf(...subjects))).toEqual(new Set([undefined]));
      expect(new Set(await write(...subjects.map((subject) => keyed(subject, 1_000))))).toEqual(
        new Set(["suppressed"]),
      );
    });

    it("refuses a fence of another tag", async () => {
      await expect(store.applyFences(group.owner, "fff", [group.name], [fence(ada, 1_000)])).rejects.toThrow(
        "another tag",
      );
    });

    it("writes nothing into a tag whose guard is missing, and says so for each record", async () => {
      const carl = pseudonymOf("carl", "b0b");

      expect(await write(keyed(ada, 1), keyed(carl, 1), keyed(carl, 2))).toEqual([
        "written",
        "unguarded",
        "unguarded",
      ]);
      expect(await ordersOf(ada, carl)).toEqual([1, undefined]);
    });

    it("writes nothing after a flush until the fences of the tag are applied again", async () => {
      await store.applyFences(group.owner, "0a1", [group.name], [fence(ada, 2_000)]);
      await harness.flush();

      expect(await write(keyed(ada, 1_000), keyed(bea, 1_000))).toEqual(["unguarded", "unguarded"]);
      await store.applyFences(group.owner, "0a1", [group.name], [fence(ada, 2_000)]);
      expect(await write(keyed(ada, 1_000), keyed(bea, 1_000))).toEqual(["suppressed", "written"]);
    });

    it("leaves out a record past its life, and tells the others apart", async () => {
      const mortal = aFeatureGroup({ ttl: "30 days" });
      const dayMs = 86_400_000;

      const outcomes = await store.write(
        mortal,
        [keyed(ada, NOW_MS - 34 * dayMs), keyed(bea, NOW_MS - 29 * dayMs), keyed(ada, NOW_MS - dayMs)],
        NOW_MS,
      );

      expect(outcomes).toEqual(["expired", "written", "written"]);
    });

    it("scans the subjects of the group alone", async () => {
      const subjects = Array.from({ length: 300 }, (_, index) => pseudonymOf(`subject ${index}`));
      await guard(store, subjects);
      await write(...subjects.map((subject) => keyed(subject, 1)));
      const others = [aFeatureGroup({ name: "orders" }), aFeatureGroup({ owner: "risk" })];
      await store.applyFences("risk", "0a1", [], [fence(bea, 1)]);
      for (const other of others) await store.write(other, [keyed(ada, 1)], NOW_MS);

      const found = [];
      for await (const batch of store.scan(group)) found.push(...batch);

      expect([...new Set(found)].sort()).toEqual(subjects.sort());
    });

    it("reads a value by the version that wrote it", async () => {
      const earlier = aFeatureGroup({ features: { orders_30d: mean("amount"), gone: latest("channel") } });
      const record = aRecord({ features: { orders_30d: 1.5, gone: "shop" } });
      await store.write(earlier, [{ pseudonym: ada, record }], NOW_MS);
      await write(keyed(bea, 1_000, 2));

      const values = await harness.open([earlier]).read(group, [ada, bea]);

      expect(values.map((value) => value?.features)).toEqual([
        { orders_30d: 1.5, gone: "shop" },
        { orders_30d: 2 },
      ]);
    });

    it("says which schema is missing when no version given wrote the value", async () => {
      const unknown = aFeatureGroup({ features: { a: count() } });
      await store.write(unknown, [{ pseudonym: ada, record: aRecord({ features: { a: 1 } }) }], NOW_MS);

      await expect(harness.open().read(group, [ada])).rejects.toThrow(
        /^hot value of group "customer-orders": no version given has schema fingerprint [0-9a-f]{16}$/,
      );
    });

    it("refuses a value that its type cannot hold, without quoting it", async () => {
      const record = aRecord({ features: { orders_30d: "qzjxkvwpbtmhrgfd" } });

      const failure = await write({ pseudonym: ada, record }).catch((error: Error) => error);

      expect(failure).toMatchObject({ name: "InvalidInputError" });
      expect(String(failure)).toContain('feature "orders_30d"');
      expect(String(failure)).not.toContain("qzjxkvwpbtmhrgfd");
    });

    it("holds a value larger than any batch", async () => {
      const channel = "x".repeat(1_500_000);
      const records = [ada, bea].map((pseudonym) => ({
        pseudonym,
        record: aRecord({ features: { last_channel: channel } }),
      }));

      expect(await write(...records)).toEqual(["written", "written"]);
      expect((await store.read(group, [bea]))[0]?.features).toEqual({ last_channel: channel });
    });

    it("holds a record identifier in no key and no value", async () => {
      const recordId = "zqkvmwxyjhbtrplg";
      const pseudonym = pseudonymOf(recordId, "0a1");

      await write({ pseudonym, record: aRecord({ recordId }) });
      const dump = await harness.dump();

      expect(dump.includes(pseudonym.slice(3))).toBe(true);
      expect(dump.includes(recordId)).toBe(false);
    });

    it("agrees with a model of newest wins and fences, whatever comes in whatever order", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          await harness.flush();
          await guard(store, [ada]);
          const model = new Model();
          for (const next of steps) {
            if ("untilMs" in next) {
              const subject = pseudonymOf(next.subject, "0a1");
              await store.applyFences(group.owner, "0a1", [group.name], [fence(subject, next.untilMs)]);
              model.fence(next.subject, next.untilMs);
            } else {
              const records = next.writes.map(({ subject, timeMs, orders }) =>
                keyed(pseudonymOf(subject, "0a1"), timeMs, orders),
              );
              expect(await write(...records)).toEqual(next.writes.map((each) => model.write(each)));
            }
          }
          expect(await ordersOf(...SUBJECTS.map((subject) => pseudonymOf(subject, "0a1")))).toEqual(
            SUBJECTS.map((subject) => model.stored.get(subject)?.orders),
          );
        }),
        { numRuns: 60 },
      );
      expect.hasAssertions();
    });
  });
}

const SUBJECTS = ["x", "y", "z"] as const;
const subject = fc.constantFrom(...SUBJECTS);
const timeMs = fc.integer({ min: 1, max: 6 });
const aWrite = fc.record({ subject, timeMs, orders: fc.integer({ min: 1, max: 2 }) });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ writes: fc.array(aWrite, { minLength: 1, maxLength: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ subject, untilMs: timeMs }) },
);
type Write = { readonly subject: string; readonly timeMs: number; readonly orders: number };

class Model {
  readonly stored = new Map<string, Write>();
  readonly #fences = new Map<string, number>();

  write(next: Write): string {
    const present = this.stored.get(next.subject);
    if (next.timeMs <= (this.#fences.get(next.subject) ?? 0)) return "suppressed";
    if (present?.timeMs === next.timeMs && present.orders === next.orders) return "written";
    if (present !== undefined && next.timeMs <= present.timeMs) return "newerKept";
    this.stored.set(next.subject, next);
    return "written";
  }

  fence(subject: string, untilMs: number): void {
    const highest = Math.max(untilMs, this.#fences.get(subject) ?? 0);
    this.#fences.set(subject, highest);
    if ((this.stored.get(subject)?.timeMs ?? Number.POSITIVE_INFINITY) <= highest)
      this.stored.delete(subject);
  }
}
