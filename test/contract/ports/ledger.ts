// The rules of the port Ledger, for every adapter.

import { InvalidInputError, type Ledger, type LedgerBody, type LedgerItem } from "@steward/core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface LedgerHarness {
  /** One more instance on the same, at first empty, table. */
  open(): Promise<Ledger>;
  close(): Promise<void>;
}

export function describeLedger(name: string, makeHarness: () => Promise<LedgerHarness>): void {
  describe(name, () => {
    let harness: LedgerHarness;
    let ledger: Ledger;

    beforeEach(async () => {
      harness = await makeHarness();
      ledger = await harness.open();
    });

    afterEach(async () => {
      await harness.close();
    });

    const run = { partition: "runs", sort: "20260131t000000-1" };

    describe("put", () => {
      it("writes an absent item as version 1", async () => {
        const outcome = await ledger.put(run, { state: "planned" }, "absent");

        expect(outcome).toEqual({ kind: "applied", version: 1 });
        expect(await ledger.find(run)).toEqual({ ...run, version: 1, body: { state: "planned" } });
      });

      it("leaves an item that stands when it was expected to be absent", async () => {
        await ledger.put(run, { state: "planned" }, "absent");

        const outcome = await ledger.put(run, { state: "other" }, "absent");

        expect(outcome).toEqual({ kind: "conflict" });
        expect(await ledger.find(run)).toEqual({ ...run, version: 1, body: { state: "planned" } });
      });

      it("replaces the whole item at the version that was read, and raises the version by one", async () => {
        await ledger.put(run, { state: "planned", owner: "a" }, "absent");

        const outcome = await ledger.put(run, { state: "running" }, { version: 1 });

        expect(outcome).toEqual({ kind: "applied", version: 2 });
        expect(await ledger.find(run)).toEqual({ ...run, version: 2, body: { state: "running" } });
      });

      it("changes nothing at a version that is past, not yet reached or of an absent item", async () => {
        await ledger.put(run, { state: "planned" }, "absent");
        await ledger.put(run, { state: "running" }, { version: 1 });
        const absent = { partition: "runs", sort: "other" };

        const outcomes = [
          await ledger.put(run, { state: "late" }, { version: 1 }),
          await ledger.put(run, { state: "early" }, { version: 3 }),
          await ledger.put(absent, { state: "late" }, { version: 1 }),
        ];

        expect(outcomes).toEqual([{ kind: "conflict" }, { kind: "conflict" }, { kind: "conflict" }]);
        expect(await ledger.find(run)).toEqual({ ...run, version: 2, body: { state: "running" } });
        expect(await ledger.find(absent)).toBeUndefined();
      });

      it("gives back every value of the body as it was", async () => {
        const body: LedgerBody = {
          text: 'é😀 "quoted"\n',
          empty: "",
          zero: 0,
          negative: -17,
          greatest: 9_007_199_254_740_991,
          fraction: 0.1,
          yes: true,
          nothing: null,
          list: [1, "two", [], {}],
          nested: { deeper: { deepest: [null] } },
        };

        await ledger.put(run, body, "absent");

        expect((await ledger.find(run))?.body).toEqual(body);
      });

      it("refuses keys and bodies that do not fit an item, and writes nothing", async () => {
        const refused = [
          ledger.put({ partition: "", sort: "a" }, {}, "absent"),
          ledger.put({ partition: "runs", sort: "" }, {}, "absent"),
          ledger.put({ partition: "p".repeat(2_049), sort: "a" }, {}, "absent"),
          ledger.put({ partition: "runs", sort: "é".repeat(513) }, {}, "absent"),
          ledger.put({ partition: "runs", sort: "a" }, { text: "x".repeat(409_600) }, "absent"),
          ledger.put({ partition: "runs", sort: "a" }, { number: Number.NaN }, "absent"),
        ];

        for (const outcome of await Promise.allSettled(refused)) {
          expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(InvalidInputError) });
        }
        expect(await ledger.list("runs")).toEqual([]);
      });

      it("lets exactly one of many win that expect the same version", async () => {
        const ledgers = await Promise.all(Array.from({ length: 8 }, () => harness.open()));
        const count = (outcomes: readonly { readonly kind: string }[]) =>
          outcomes.filter(({ kind }) => kind === "applied").length;

        const first = await Promise.all(ledgers.map((each, by) => each.put(run, { by }, "absent")));
        const second = await Promise.all(ledgers.map((each, by) => each.put(run, { by }, { version: 1 })));

        expect([count(first), count(second)]).toEqual([1, 1]);
        expect((await ledger.find(run))?.version).toBe(2);
      });
    });

    describe("find", () => {
      it("gives undefined for an item that never was", async () => {
        expect(await ledger.find(run)).toBeUndefined();
      });

      it("sees at once what another instance wrote", async () => {
        const other = await harness.open();

        await other.put(run, { state: "planned" }, "absent");

        expect((await ledger.find(run))?.version).toBe(1);
      });
    });

    describe("remove", () => {
      it("removes the item at the version that was read", async () => {
        await ledger.put(run, {}, "absent");

        const outcome = await ledger.remove(run, { version: 1 });

        expect(outcome).toEqual({ kind: "applied", version: 1 });
        expect(await ledger.find(run)).toBeUndefined();
      });

      it("leaves an item of another version, and an absent one, alone", async () => {
        await ledger.put(run, {}, "absent");
        await ledger.put(run, {}, { version: 1 });

        const outcomes = [
          await ledger.remove(run, { version: 1 }),
          await ledger.remove({ partition: "runs", sort: "other" }, { version: 1 }),
        ];

        expect(outcomes).toEqual([{ kind: "conflict" }, { kind: "conflict" }]);
        expect((await ledger.find(run))?.version).toBe(2);
      });

      it("lets an item that is put again begin at version 1", async () => {
        await ledger.put(run, {}, "absent");
        await ledger.put(run, {}, { version: 1 });
        await ledger.remove(run, { version: 2 });

        expect(await ledger.put(run, {}, "absent")).toEqual({ kind: "applied", version: 1 });
      });
    });

    describe("list", () => {
      const sortsOf = (items: readonly LedgerItem[]) => items.map(({ sort }) => sort);

      it("gives the items of one partition, ascending by the bytes of the sort key", async () => {
        // In UTF-16 the emoji (D83D…) would come before U+FF5E; in UTF-8 it comes after.
        for (const sort of ["b", "\u{1F600}", "a", "\uFF5E", "B", "é", "a/1", "a-1", "10", "9"]) {
          await ledger.put({ partition: "order", sort }, { sort }, "absent");
        }
        await ledger.put({ partition: "order2", sort: "a" }, {}, "absent");

        const items = await ledger.list("order");

        expect(sortsOf(items)).toEqual(["10", "9", "B", "a", "a-1", "a/1", "b", "é", "\uFF5E", "\u{1F600}"]);
        expect(items[2]).toEqual({ partition: "order", sort: "B", version: 1, body: { sort: "B" } });
      });

      it("gives those alone whose sort key begins with the prefix, which is no pattern", async () => {
        for (const sort of ["chunk#1", "chunk#10", "chunk", "chunl", "chunk$", "chunk%1", "Chunk#1"]) {
          await ledger.put({ partition: "p", sort }, {}, "absent");
        }

        expect(sortsOf(await ledger.list("p", "chunk#"))).toEqual(["chunk#1", "chunk#10"]);
        expect(sortsOf(await ledger.list("p", "chunk%"))).toEqual(["chunk%1"]);
        expect(sortsOf(await ledger.list("p", "chunk_"))).toEqual([]);
      });

      it("reads to the last page", async () => {
        const body = { filler: "x".repeat(20_000) };
        for (let index = 0; index < 120; index += 1) {
          await ledger.put({ partition: "p", sort: String(index).padStart(3, "0") }, body, "absent");
        }

        const items = await ledger.list("p");

        expect(items).toHaveLength(120);
        expect(items.at(-1)).toEqual({ partition: "p", sort: "119", version: 1, body });
      });

      it("gives nothing for a partition that never was", async () => {
        expect(await ledger.list("nobody")).toEqual([]);
      });
    });

    it("answers any sequence of writes as a map of versions would", async () => {
      let partitionNumber = 0;
      const action = fc.record({
        verb: fc.constantFrom("put", "put", "put", "remove"),
        sort: fc.constantFrom("a", "ab", "b", "é"),
        version: fc.integer({ min: 0, max: 3 }),
        body: fc.dictionary(
          fc.string(),
          fc.oneof(fc.string({ unit: "grapheme" }), fc.integer(), fc.boolean()),
        ),
      });

      const property = fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        partitionNumber += 1;
        const partition = `model-${partitionNumber}`;
        const model = new Map<string, { version: number; body: LedgerBody }>();
        for (const { verb, sort, version, body } of actions) {
          const held = model.get(sort)?.version ?? 0;
          const key = { partition, sort };
          if (verb === "remove") {
            const outcome = await ledger.remove(key, { version });
            const applies = held === version && held > 0;
            expect(outcome.kind).toBe(applies ? "applied" : "conflict");
            if (applies) model.delete(sort);
          } else {
            const outcome = await ledger.put(key, body, version === 0 ? "absent" : { version });
            const expected = held === version ? { kind: "applied", version: held + 1 } : { kind: "conflict" };
            expect(outcome).toEqual(expected);
            if (held === version) model.set(sort, { version: held + 1, body });
          }
        }
        const expected = ["a", "ab", "b", "é"].flatMap((sort) => {
          const item = model.get(sort);
          return item === undefined ? [] : [{ partition, sort, ...item }];
        });
        expect(await ledger.list(partition)).toEqual(expected);
        expect(await ledger.list(partition, "a")).toEqual(
          expected.filter(({ sort }) => sort.startsWith("a")),
        );
      });

      await fc.assert(property, { numRuns: 60 });
      expect(partitionNumber).toBeGreaterThanOrEqual(60);
    });
  });
}
