// What a refresh computes: DuckDB's answers beside those of a slow reference, over events at the edges of windows.

import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import {
  type Aggregation,
  boolean,
  type Columns,
  count,
  type Duration,
  date,
  decimal,
  distinctCount,
  entity,
  type FeatureGroup,
  featureGroup,
  float,
  instant,
  integer,
  latest,
  max,
  mean,
  min,
  type Operator,
  optional,
  ratio,
  refreshSql,
  source,
  sum,
  text,
  toEpochMs,
} from "@steward/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cell, type ReferenceEvent, referenceValue } from "../../support/reference-aggregator.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Two days after the epoch, so that windows and days reach across it. */
const AS_OF = toEpochMs(2 * DAY_MS);

const columns = {
  who: text(),
  at: instant(),
  quantity: optional(integer()),
  amount: optional(decimal(12, 2)),
  weight: optional(float()),
  gift: optional(boolean()),
  note: optional(text()),
  on: optional(date()),
  seen: optional(instant()),
  event: optional(text()),
} satisfies Columns;
const TYPES: Readonly<Record<string, string>> = {
  who: "VARCHAR",
  at: "TIMESTAMP",
  quantity: "BIGINT",
  amount: "DECIMAL(12, 2)",
  weight: "DOUBLE",
  gift: "BOOLEAN",
  note: "VARCHAR",
  on: "DATE",
  seen: "TIMESTAMP",
  event: "VARCHAR",
  _file: "VARCHAR",
  _row: "BIGINT",
};
const shopper = entity("shopper", { key: "who" });
const plainOrders = source("orders", { columns, eventTime: "at" });
const namedOrders = source("named-orders", { columns, eventTime: "at", eventId: "event" });

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
});
afterAll(() => connection.closeSync());

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

const number = (value: number): Cell => ({ kind: "number", value });
const cents = (value: bigint): Cell => ({ kind: "hundredths", value });
const word = (value: string): Cell => ({ kind: "word", value });

const WINDOWS: readonly (Duration | undefined)[] = [undefined, "1 hour", "1 day", "2 days", "3 days"];
const COLUMNS_OF_NUMBERS = ["quantity", "amount", "weight"] as const;
const ANY_COLUMN = [...COLUMNS_OF_NUMBERS, "gift", "note", "on", "seen", "at", "who"] as const;
const ORDER: readonly Operator[] = [
  "equals",
  "notEquals",
  "less",
  "lessOrEqual",
  "greater",
  "greaterOrEqual",
];

const aMeasure = fc.oneof(
  fc.constant(count()),
  fc.constantFrom(...COLUMNS_OF_NUMBERS).map((column) => sum(column)),
  fc.constantFrom(...COLUMNS_OF_NUMBERS).map((column) => mean(column)),
  fc.constantFrom(...COLUMNS_OF_NUMBERS, "on", "seen", "at").map((column) => min(column)),
  fc.constantFrom(...COLUMNS_OF_NUMBERS, "on", "seen", "at").map((column) => max(column)),
  fc.constantFrom(...ANY_COLUMN).map((column) => latest(column)),
  fc.constantFrom(...ANY_COLUMN).map((column) => distinctCount(column)),
  fc.constantFrom("at", "seen", "on").map((column) => distinctCount(column, { unit: "day" })),
  fc
    .tuple(fc.constantFrom(...COLUMNS_OF_NUMBERS), fc.constantFrom(...COLUMNS_OF_NUMBERS), fc.nat(2))
    .map(([over, under, form]) =>
      form === 0
        ? ratio(sum(over), count())
        : form === 1
          ? ratio(count(), sum(under))
          : ratio(sum(over), sum(under)),
    ),
) as fc.Arbitrary<ReturnType<typeof count>>;

const aFilter = fc.oneof(
  fc.tuple(fc.constant("quantity"), fc.constantFrom(...ORDER), fc.integer({ min: -2, max: 3 })),
  fc.tuple(
    fc.constant("amount"),
    fc.constantFrom(...ORDER),
    fc.constantFrom(-0.01, 0, 0.1, 2.5, 9_999_999_999.99),
  ),
  fc.tuple(
    fc.constant("weight"),
    fc.constantFrom(...ORDER),
    fc.constantFrom(0, 0.1, 0.30000000000000004, -1e300),
  ),
  fc.tuple(
    fc.constant("note"),
    fc.constantFrom<Operator>("equals", "notEquals"),
    fc.constantFrom("", "x", "é"),
  ),
  fc.tuple(fc.constant("on"), fc.constantFrom(...ORDER), fc.constantFrom("1969-12-31", "1970-01-01")),
  fc.tuple(fc.constant("seen"), fc.constantFrom(...ORDER), fc.constantFrom("1970-01-01T00:00:00.000Z")),
);

const aFeature: fc.Arbitrary<Aggregation> = fc
  .tuple(aMeasure, fc.constantFrom(...WINDOWS), fc.array(aFilter, { maxLength: 2 }))
  .map(([measure, window, filters]) => {
    const filtered = filters.reduce(
      (built, [column, operator, value]) => built.where(column, operator, value),
      measure,
    );
    return window === undefined ? filtered : filtered.over(window);
  });

/** Edges of every window, days on both sides of the epoch, and anything between. */
const aTime = fc.oneof(
  fc.constantFrom(
    ...[0, HOUR_MS, DAY_MS, 2 * DAY_MS, 3 * DAY_MS].flatMap((backMs) =>
      [-1, 0, 1].map((by) => AS_OF - backMs + by),
    ),
  ),
  fc.integer({ min: AS_OF - 4 * DAY_MS, max: AS_OF + DAY_MS }),
);
const absentOr = <T extends Cell>(cell: fc.Arbitrary<T>) => fc.option(cell, { nil: undefined, freq: 3 });
const someEvents: fc.Arbitrary<readonly ReferenceEvent[]> = fc
  .array(
    fc.record({
      recordId: fc.constantFrom("a", "00042", "42"),
      atMs: aTime,
      file: fc.constantFrom("a.csv", "b.csv"),
      named: fc.boolean(),
      salt: fc.nat(99),
      cells: fc.record({
        quantity: absentOr(fc.oneof(fc.integer({ min: -2, max: 3 }), fc.integer()).map(number)),
        amount: absentOr(
          fc
            .oneof(
              fc.bigInt({ min: -1n, max: 250n }),
              fc.bigInt({ min: -999_999_999_999n, max: 999_999_999_999n }),
            )
            .map(cents),
        ),
        weight: absentOr(
          fc
            .oneof(
              fc.constantFrom(0.1, 0.30000000000000004, 1e16, -1e16),
              fc.double({ min: -1e9, max: 1e9, noNaN: true }),
            )
            .map((value) => number(value + 0)),
        ),
        gift: absentOr(fc.boolean().map((value) => ({ kind: "truth", value }) as const)),
        note: absentOr(fc.constantFrom("", "x", "X", "é", "z'").map(word)),
        on: absentOr(fc.constantFrom("1969-12-31", "1970-01-01", "1970-01-02").map(word)),
        seen: absentOr(aTime.map((value) => ({ kind: "instant", value }) as const)),
      }),
    }),
    { maxLength: 30 },
  )
  .map((events) =>
    events.map(({ named, salt, ...event }, row) => ({
      ...event,
      row,
      eventId: named ? `${String(salt).padStart(2, "0")}-${row}` : undefined,
      cells: {
        ...event.cells,
        who: word(event.recordId),
        at: { kind: "instant", value: event.atMs } as const,
      },
    })),
  );

function declare(features: Readonly<Record<string, Aggregation>>, orders = plainOrders): FeatureGroup {
  return featureGroup("shopper-orders", { entity: shopper, source: orders, owner: "growth", features });
}

function anEvent(given: Partial<ReferenceEvent> = {}): ReferenceEvent {
  const { recordId = "a", atMs = AS_OF - 1 } = given;
  return {
    eventId: undefined,
    file: "a.csv",
    row: 1,
    ...given,
    recordId,
    atMs,
    cells: { ...given.cells, who: word(recordId), at: { kind: "instant", value: atMs } },
  };
}

type Rows = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The reference's records: of everyone with an event before the as-of. */
function expected(group: FeatureGroup, events: readonly ReferenceEvent[]): Rows {
  const ids = new Set(events.filter(({ atMs }) => atMs < AS_OF).map(({ recordId }) => recordId));
  return Object.fromEntries(
    [...ids].map((id) => {
      const own = events.filter(({ recordId }) => recordId === id);
      return [
        id,
        Object.fromEntries(
          group.features.map(({ name, aggregation }) => [name, referenceValue(aggregation, own, AS_OF)]),
        ),
      ];
    }),
  );
}

/** The records that DuckDB computes, by identifier. */
async function compute(group: FeatureGroup, events: readonly ReferenceEvent[]): Promise<Rows> {
  const names = Object.keys(TYPES);
  const fields = Object.entries(TYPES).map(([name, type]) => `"${name}" ${type}`);
  await connection.run(`CREATE OR REPLACE TABLE events (${fields.join(", ")})`);
  const rows = events.map(({ cells, file, row, eventId }) =>
    names.map((name) => {
      if (name === "_file") return literal(word(file));
      if (name === "_row") return String(row);
      return literal(name === "event" ? (eventId === undefined ? undefined : word(eventId)) : cells[name]);
    }),
  );
  if (rows.length > 0)
    await connection.run(`INSERT INTO events VALUES ${rows.map((row) => `(${row.join(", ")})`).join(", ")}`);
  const result = await connection.runAndReadAll(refreshSql(group, AS_OF));
  return Object.fromEntries(
    result
      .getRowObjectsJS()
      .map(({ who, ...features }) => [
        String(who),
        Object.fromEntries(
          Object.entries(features).map(([name, value]) => [
            name,
            typeof value === "bigint" ? Number(value) : value,
          ]),
        ),
      ]),
  );
}

function literal(cell: Cell | undefined): string {
  if (cell === undefined) return "NULL";
  switch (cell.kind) {
    case "number":
      return `'${cell.value}'`;
    case "hundredths":
      return `CAST(${cell.value} AS DECIMAL(18, 0)) / 100`;
    case "instant":
      return `'${new Date(cell.value).toISOString().replace("T", " ").replace("Z", "")}'`;
    case "word":
      return `'${cell.value.replaceAll("'", "''")}'`;
    case "truth":
      return String(cell.value);
  }
}
