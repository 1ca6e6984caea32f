// What a refresh computes: DuckDB's answers beside those of a slow reference, over events at the edges of windows.

import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import {
  count,
  decimal,
  type FeatureGroup,
  featureGroup,
  instant,
  latest,
  max,
  mean,
  ratio,
  refreshSql,
  source,
  sum,
  text,
} from "@steward/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReferenceEvent } from "../../support/reference-aggregator.ts";
import {
  AS_OF,
  aFeature,
  anEvent,
  cents,
  compute as computeOn,
  DAY_MS,
  declare,
  expected,
  namedOrders,
  number,
  plainOrders,
  shopper,
  someEvents,
  word,
} from "../../support/shop-events.ts";

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
});
afterAll(() => connection.closeSync());

const compute = (group: FeatureGroup, events: readonly ReferenceEvent[]) =>
  computeOn(connection, group, events);

describe("refreshSql, beside a reference", () => {
  it.each([
    ["without event ids", plainOrders],
    ["with event ids, some of them absent", namedOrders],
  ])("gives every measure, window and filter the reference's value, %s", async (_, orders) => {
    await fc.assert(
      fc.asyncProperty(
        someEvents,
        fc.array(aFeature, { minLength: 1, maxLength: 8 }),
        async (events, features) => {
          const group = declare(
            Object.fromEntries(features.map((feature, index) => [`f${index}`, feature])),
            orders,
          );
          const known = events.map((event) =>
            orders.eventId === undefined ? { ...event, eventId: undefined } : event,
          );

          const computed = await compute(group, events);

          expect(computed).toEqual(expected(group, known));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("refreshSql", () => {
  it("counts an event at as-of − w and none at as-of", async () => {
    const group = declare({ n: count().over("1 day"), all: count() });

    const at = [AS_OF - DAY_MS - 1, AS_OF - DAY_MS, AS_OF - 1, AS_OF, AS_OF + 1];
    const computed = await compute(
      group,
      at.map((atMs) => anEvent({ atMs })),
    );

    expect(computed).toEqual({ a: { n: 2, all: 3 } });
  });

  it("gives a record to everyone with an event before the as-of, even if all of it fell out of the window", async () => {
    const group = declare({ n: count().over("1 hour"), spend: sum("amount").over("1 hour") });

    const computed = await compute(group, [
      anEvent({ recordId: "old", atMs: AS_OF - DAY_MS }),
      anEvent({ recordId: "future", atMs: AS_OF }),
    ]);

    expect(computed).toEqual({ old: { n: 0, spend: null } });
  });

  it("keeps identifiers apart that are equal as numbers", async () => {
    const computed = await compute(
      declare({ n: count() }),
      ["00042", "42", "042"].map((recordId) => anEvent({ recordId })),
    );

    expect(computed).toEqual({ "00042": { n: 1 }, "42": { n: 1 }, "042": { n: 1 } });
  });

  it("takes two equal rows as two events", async () => {
    const twice = [
      anEvent({ row: 1, cells: { amount: cents(250n) } }),
      anEvent({ row: 2, cells: { amount: cents(250n) } }),
    ];

    expect(await compute(declare({ n: count(), spend: sum("amount") }), twice)).toEqual({
      a: { n: 2, spend: 5 },
    });
  });

  it("adds decimals exactly: ten cents ten times are one, and a sum of 13 digits loses no cent", async () => {
    const dimes = Array.from({ length: 10 }, (_, row) => anEvent({ row, cells: { amount: cents(10n) } }));
    const large = [
      anEvent({ recordId: "b", row: 1, cells: { amount: cents(999_999_999_999n) } }),
      anEvent({ recordId: "b", row: 2, cells: { amount: cents(999_999_999_999n) } }),
    ];

    expect(await compute(declare({ spend: sum("amount") }), [...dimes, ...large])).toEqual({
      a: { spend: 1 },
      b: { spend: 19_999_999_999.98 },
    });
  });

  it("adds floats in the order of event identity, however the rows lie", async () => {
    const weights = [1e16, 1, -1e16, 1, 0.1];
    const events = weights.map((weight, row) => anEvent({ row, cells: { weight: number(weight) } }));

    const computed = await Promise.resolve(compute(declare({ w: sum("weight") }), [...events].reverse()));

    expect(computed).toEqual({ a: { w: 1.1 } });
  });

  it("has no mean and no ratio where the divisor is 0 or absent", async () => {
    const group = declare({
      mean: mean("amount"),
      by_items: ratio(count(), sum("quantity")),
      of_absent: ratio(sum("weight"), count()),
    });

    const computed = await compute(group, [
      anEvent({ recordId: "zero", cells: { quantity: number(0) } }),
      anEvent({ recordId: "absent" }),
    ]);

    expect(computed).toEqual({
      zero: { mean: null, by_items: null, of_absent: null },
      absent: { mean: null, by_items: null, of_absent: null },
    });
  });

  it("takes the latest value that there is, passing over younger events without one", async () => {
    const events = [
      anEvent({ atMs: AS_OF - 3, cells: { note: word("first") } }),
      anEvent({ atMs: AS_OF - 2, cells: { note: word("second") } }),
      anEvent({ atMs: AS_OF - 1 }),
    ];

    expect(await compute(declare({ note: latest("note") }), events)).toEqual({ a: { note: "second" } });
  });

  it("takes, among equal event times, the value of the greatest identity: by file, then by row as a number", async () => {
    const events = [
      anEvent({ file: "b.csv", row: 2, cells: { note: word("b2") } }),
      anEvent({ file: "b.csv", row: 10, cells: { note: word("b10") } }),
      anEvent({ file: "a.csv", row: 99, cells: { note: word("a99") } }),
    ];

    expect(await compute(declare({ note: latest("note") }), events)).toEqual({ a: { note: "b10" } });
  });

  it("orders events of equal times by their ids, where the source names one", async () => {
    const events = [
      anEvent({ eventId: "2", file: "a.csv", row: 1, cells: { note: word("id 2"), weight: number(1) } }),
      anEvent({ eventId: "1", file: "b.csv", row: 2, cells: { note: word("id 1"), weight: number(-1e16) } }),
      anEvent({ eventId: "0", file: "b.csv", row: 3, cells: { weight: number(1e16) } }),
    ];

    const computed = await compute(
      declare({ note: latest("note"), weight: sum("weight") }, namedOrders),
      events,
    );

    expect(computed).toEqual({ a: { note: "id 2", weight: 1 } });
  });

  it("orders events without an id behind the others, by file and row", async () => {
    const events = [
      anEvent({ file: "b.csv", row: 9, cells: { note: word("b9") } }),
      anEvent({ file: "b.csv", row: 10, cells: { note: word("b10") } }),
      anEvent({ eventId: "z", file: "c.csv", row: 99, cells: { note: word("z") } }),
    ];

    expect(await compute(declare({ note: latest("note") }, namedOrders), events)).toEqual({
      a: { note: "b10" },
    });
  });

  it("reads columns, not features, where a feature is called as a column", async () => {
    const group = declare({
      at: latest("at"),
      amount: max("amount"),
      total: sum("amount"),
      Quantity: count(),
    });

    const computed = await compute(group, [
      anEvent({ atMs: AS_OF - 2, row: 1, cells: { amount: cents(100n) } }),
      anEvent({ atMs: AS_OF - 1, row: 2, cells: { amount: cents(50n) } }),
    ]);

    expect(computed).toEqual({ a: { at: "1970-01-02T23:59:59.999Z", amount: 1, total: 1.5, Quantity: 2 } });
  });

  it("does not take a quote in a filter's text for the end of it", async () => {
    const group = declare({ n: count().where("note", "equals", 'it\'s "so"; --') });

    expect(
      await compute(group, [anEvent({ cells: { note: word('it\'s "so"; --') } }), anEvent({ row: 2 })]),
    ).toEqual({
      a: { n: 1 },
    });
  });

  it("compares a float with exactly the double that a filter names", async () => {
    const doubles = fc
      .tuple(fc.integer({ min: 1, max: 1_000_000_000 }), fc.integer({ min: 1, max: 99 }))
      .map(([over, under]) => over / under);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(doubles, { minLength: 20, maxLength: 60 }), async (values) => {
        const features = values.map(
          (value, index) => [`f${index}`, count().where("weight", "equals", value)] as const,
        );

        const computed = await compute(
          declare(Object.fromEntries(features)),
          values.map((weight, row) => anEvent({ row, cells: { weight: number(weight) } })),
        );

        expect(new Set(Object.values(computed.a ?? {}))).toEqual(new Set([1]));
      }),
      { numRuns: 15 },
    );
  });

  it("compares a decimal with a bound that its column could not hold", async () => {
    const group = declare({ n: count().where("amount", "less", 99_999_999_999_999.9 / 10) });

    expect(await compute(group, [anEvent({ cells: { amount: cents(1n) } })])).toEqual({ a: { n: 1 } });
    const narrow = source("narrow", {
      columns: { who: text(), at: instant(), rate: decimal(4, 2) },
      eventTime: "at",
    });
    const far = featureGroup("far", {
      entity: shopper,
      source: narrow,
      owner: "growth",
      features: { n: count().where("rate", "less", 1_000) },
    });
    await connection.run(
      `CREATE OR REPLACE TABLE events AS SELECT 'a' AS who, TIMESTAMP '1970-01-01' AS at, 12.34::DECIMAL(4, 2) AS rate, '' AS _file, 1 AS _row`,
    );
    expect((await connection.runAndReadAll(refreshSql(far, AS_OF))).getRowObjectsJS()).toEqual([
      { who: "a", n: 1n },
    ]);
  });

  it("takes a window that reaches back beyond the year 1 as all events", async () => {
    const group = declare({ n: count().over("200000 weeks") });

    expect(await compute(group, [anEvent({ atMs: -62_135_596_800_000 })])).toEqual({ a: { n: 1 } });
  });

  it("writes an early year with four digits and every instant with three of fraction", async () => {
    const computed = await compute(declare({ at: latest("at") }), [
      anEvent({ atMs: -62_135_596_800_000 + 7 }),
    ]);

    expect(computed).toEqual({ a: { at: "0001-01-01T00:00:00.007Z" } });
  });
});
