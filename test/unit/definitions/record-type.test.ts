// The TypeScript type of a record: what the compiler says of each measure. `tsc` holds this file, vitest only runs it.

import {
  boolean,
  count,
  type DeclaredFeatureGroup,
  date,
  distinctCount,
  entity,
  featureGroup,
  instant,
  integer,
  latest,
  max,
  mean,
  min,
  optional,
  type RecordOf,
  ratio,
  source,
  sum,
  text,
} from "@steward/core";
import { describe, expect, expectTypeOf, it } from "vitest";

const customer = entity("customer", { key: "customer_id" });
const orders = source("orders", {
  columns: {
    customer_id: text(),
    at: instant(),
    on: date(),
    quantity: integer(),
    gift: boolean(),
    channel: optional(text()),
  },
  eventTime: "at",
});
const group = featureGroup("customer-orders", {
  entity: customer,
  source: orders,
  owner: "growth",
  features: {
    orders: count(),
    channels: distinctCount("channel"),
    items: sum("quantity"),
    items_or_zero: sum("quantity").over("30 days").default(0),
    items_mean: mean("quantity"),
    per_order: ratio(sum("quantity"), count()).default(0),
    smallest: min("quantity"),
    last_day: max("on"),
    last_channel: latest("channel"),
    last_channel_or_web: latest("channel").default("web"),
    last_gift: latest("gift").default(false),
  },
});
type Row = RecordOf<typeof group>;

describe("RecordOf", () => {
  it("has a number for each count, never null", () => {
    expectTypeOf<Row["orders"]>().toEqualTypeOf<number>();
    expectTypeOf<Row["channels"]>().toEqualTypeOf<number>();
    expect(group.features).toHaveLength(11);
  });

  it("has null exactly where no default is declared", () => {
    expectTypeOf<Row["items"]>().toEqualTypeOf<number | null>();
    expectTypeOf<Row["items_or_zero"]>().toEqualTypeOf<number>();
    expectTypeOf<Row["items_mean"]>().toEqualTypeOf<number | null>();
    expectTypeOf<Row["per_order"]>().toEqualTypeOf<number>();
    expect(group.name).toBe("customer-orders");
  });

  it("has the column's type for min, max and latest", () => {
    expectTypeOf<Row["smallest"]>().toEqualTypeOf<number | null>();
    expectTypeOf<Row["last_day"]>().toEqualTypeOf<string | null>();
    expectTypeOf<Row["last_channel"]>().toEqualTypeOf<string | null>();
    expectTypeOf<Row["last_channel_or_web"]>().toEqualTypeOf<string>();
    expectTypeOf<Row["last_gift"]>().toEqualTypeOf<boolean>();
    expect(group.owner).toBe("growth");
  });

  it("has every declared feature and no other", () => {
    expectTypeOf<keyof Row>().toEqualTypeOf<
      | "orders"
      | "channels"
      | "items"
      | "items_or_zero"
      | "items_mean"
      | "per_order"
      | "smallest"
      | "last_day"
      | "last_channel"
      | "last_channel_or_web"
      | "last_gift"
    >();
    expectTypeOf<RecordOf<{ readonly name: string }>>().toBeNever();
    expectTypeOf(group).toExtend<DeclaredFeatureGroup<Row>>();
    expect(group.pii).toBe(false);
  });
});

describe("source and featureGroup, at compile time", () => {
  it("refuse columns that there are not", () => {
    // @ts-expect-error: the event time must be one of the columns
    expect(() => source("s", { columns: { at: instant() }, eventTime: "when" })).toThrow("eventTime");
    const options = { entity: customer, source: orders, owner: "growth", features: { n: count() } } as const;
    // @ts-expect-error: the identifier must be one of the source's columns
    expect(() => featureGroup("g", { ...options, recordIdentifier: "who" })).toThrow("recordIdentifier");
    // @ts-expect-error: so must the column of a subject
    expect(() => featureGroup("g", { ...options, subjectColumns: { rider: "who" } })).toThrow(
      "subjectColumns",
    );
  });

  it("refuse a window that is no duration", () => {
    // @ts-expect-error: a window has a unit
    expect(() => count().over("30")).toThrow("over");
    // @ts-expect-error: a month has no fixed length
    expect(() => count().over("1 month")).toThrow("over");
  });
});
