// Events of a shop and features over them, as a test makes them up, and the refresh SQL run over them on a real DuckDB.

import type { DuckDBConnection } from "@duckdb/node-api";
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
import { type Cell, type ReferenceEvent, referenceValue } from "./reference-aggregator.ts";

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Two days after the epoch, so that windows and days reach across it. */
export const AS_OF = toEpochMs(2 * DAY_MS);

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
export const shopper = entity("shopper", { key: "who" });
export const plainOrders = source("orders", { columns, eventTime: "at" });
export const namedOrders = source("named-orders", { columns, eventTime: "at", eventId: "event" });

export const number = (value: number): Cell => ({ kind: "number", value });
export const cents = (value: bigint): Cell => ({ kind: "hundredths", value });
export const word = (value: string): Cell => ({ kind: "word", value });

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

export const aFeature: fc.Arbitrary<Aggregation> = fc
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
export const someEvents: fc.Arbitrary<readonly ReferenceEvent[]> = fc
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

export function declare(features: Readonly<Record<string, Aggregation>>, orders = plainOrders): FeatureGroup {
  return featureGroup("shopper-orders", { entity: shopper, source: orders, owner: "growth", features });
}

export function anEvent(given: Partial<ReferenceEvent> = {}): ReferenceEvent {
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

export type Rows = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The reference's records: of everyone with an event before the as-of. */
export function expected(group: FeatureGroup, events: readonly ReferenceEvent[]): Rows {
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
export async function compute(
  connection: DuckDBConnection,
  group: FeatureGroup,
  events: readonly ReferenceEvent[],
): Promise<Rows> {
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
