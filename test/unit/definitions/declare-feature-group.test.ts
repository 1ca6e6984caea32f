// Which declarations are feature groups, what they become, and what is said of those that are none.

import {
  type Aggregation,
  boolean,
  type Columns,
  count,
  DefinitionError,
  date,
  decimal,
  distinctCount,
  entity,
  type FeatureGroup,
  type FeatureGroupOptions,
  featureGroup,
  float,
  instant,
  integer,
  latest,
  max,
  mean,
  min,
  optional,
  ratio,
  source,
  sum,
  text,
} from "@steward/core";
import { describe, expect, it } from "vitest";

const customer = entity("customer", { key: "customer_id" });
const orders = source("orders", {
  columns: {
    customer_id: text(),
    ordered_at: instant(),
    ordered_on: date(),
    quantity: integer(),
    amount: decimal(10, 2),
    weight: float(),
    gift: boolean(),
    courier: text(),
    channel: optional(text()),
  },
  eventTime: "ordered_at",
});
const features = { orders: count() };
const named = { ...features, courier: latest("courier") };

/** A group as a caller without types might declare it; `options` replace or (undefined) remove the usual ones. */
function declare(options: Readonly<Record<string, unknown>> = {}, name = "customer-orders"): FeatureGroup {
  const all = { entity: customer, source: orders, owner: "growth", features, ...options };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return featureGroup(name, given as unknown as FeatureGroupOptions<Columns, Record<string, Aggregation>>);
}

describe("featureGroup", () => {
  it("turns durations into milliseconds and fills in what was left out", () => {
    expect(declare({ ttl: "30 days", schedule: "rate(1 hour)", freshness: "2 hours" })).toMatchObject({
      name: "customer-orders",
      recordIdentifier: "customer_id",
      owner: "growth",
      pii: false,
      subjectColumns: {},
      ttlMs: 2_592_000_000,
      scheduleMs: 3_600_000,
      freshnessMs: 7_200_000,
      description: "",
    });
    expect(declare()).toMatchObject({ ttlMs: undefined, scheduleMs: undefined, freshnessMs: undefined });
  });

  it("has its features ascending by name, whatever the order of declaration", () => {
    const group = declare({ features: { b: count(), a: count(), a_c: count(), c1: count() } });

    expect(group.features.map(({ name }) => name)).toEqual(["a", "a_c", "b", "c1"]);
  });

  it("takes another identifier than the entity's key, and subject columns", () => {
    const group = declare({
      recordIdentifier: "courier",
      subjectColumns: { customer: "customer_id" },
      features: { customer_id: latest("customer_id") },
    });

    expect(group.recordIdentifier).toBe("courier");
    expect(group.subjectColumns).toEqual({ customer: "customer_id" });
  });

  it("refuses a partition that names the record: partitions are told to people", () => {
    const shop = source("shop", {
      columns: { customer_id: text(), at: instant() },
      eventTime: "at",
      partition: "customer_id",
    });

    expect(() =>
      featureGroup("shop-visits", {
        entity: entity("customer", { key: "customer_id" }),
        source: shop,
        owner: "growth",
        features: { visits: count() },
      }),
    ).toThrow(
      'feature group "shop-visits": source: "shop" is partitioned by "customer_id", which names a subject',
    );
  });

  it("is frozen all the way down", () => {
    const group = declare({
      subjectColumns: { courier: "courier" },
      features: {
        a: ratio(sum("amount"), count()).over("1 day").where("quantity", "greater", 1).default(0),
        b: count(),
        c: sum("amount"),
        courier: latest("courier"),
      },
    });

    expect(unfrozenParts(group)).toEqual([]);
  });

  it("does not change with the options that it was declared from", () => {
    const given: Record<string, unknown> = { a: count(), courier: latest("courier") };
    const subjectColumns: Record<string, string> = { courier: "courier" };
    const group = declare({ features: given, subjectColumns });

    given.b = count();
    subjectColumns.other = "customer_id";

    expect(group.features.map(({ name }) => name)).toEqual(["a", "courier"]);
    expect(group.subjectColumns).toEqual({ courier: "courier" });
  });

  it.each([
    ["count", count(), { kind: "integer" }],
    ["distinct count", distinctCount("channel"), { kind: "integer" }],
    ["distinct days", distinctCount("ordered_at", { unit: "day" }), { kind: "integer" }],
    ["sum of integers", sum("quantity"), { kind: "integer" }],
    ["sum of decimals, of 15 digits", sum("amount"), { kind: "decimal", precision: 15, scale: 2 }],
    ["sum of floats", sum("weight"), { kind: "float" }],
    ["mean of integers", mean("quantity"), { kind: "float" }],
    ["mean of decimals", mean("amount"), { kind: "float" }],
    ["ratio", ratio(count(), sum("quantity")), { kind: "float" }],
    ["min", min("amount"), { kind: "decimal", precision: 10, scale: 2 }],
    ["max of dates", max("ordered_on"), { kind: "date" }],
    ["latest text", latest("channel"), { kind: "text" }],
    ["latest boolean", latest("gift"), { kind: "boolean" }],
    ["latest instant", latest("ordered_at"), { kind: "instant" }],
  ])("gives a %s its type", (_, aggregation, type) => {
    expect(declare({ features: { f: aggregation } }).features[0]?.type).toEqual(type);
  });

  it.each([
    ["an entity that is none", { entity: {} }, "entity: must be an entity(…)"],
    ["no entity", { entity: undefined }, "entity: must be an entity(…)"],
    ["a source that is none", { source: "orders" }, "source: must be a source(…)"],
    ["an owner out of the name rule", { owner: "Growth" }, "owner: must be 1 to 64 of a-z, 0-9 and -"],
    ["an empty owner", { owner: "" }, "owner: must be 1 to 64"],
    ["no owner", { owner: undefined }, "owner: Invalid input: expected string"],
    ["no features", { features: {} }, "features: must hold at least one feature"],
    ["features left out", { features: undefined }, "features: Invalid input: expected record"],
    [
      "a feature that is no aggregation",
      { features: { a: 1 } },
      "features.a: must be an aggregation such as count()",
    ],
    ["a pii that is not yes or no", { pii: "yes" }, "pii: Invalid input: expected boolean"],
    ["a malformed schedule", { schedule: "hourly" }, 'schedule: must be a rate such as "rate(1 hour)"'],
    ["a malformed freshness", { freshness: "2h" }, "freshness: must be a whole number and a unit"],
    ["a malformed ttl", { ttl: "1 month" }, "ttl: must be a whole number and a unit from second to week"],
    ["a ttl of nothing", { ttl: "0 days" }, "ttl: must be a whole number"],
    ["a long description", { description: "x".repeat(129) }, "description: must have at most 128 characters"],
    ["an unknown option", { window: "1 day" }, 'options: unknown option "window"'],
    [
      "an identifier that is no column",
      { recordIdentifier: "who" },
      'recordIdentifier: names "who", which is not a column',
    ],
    [
      "an identifier named like a method",
      { recordIdentifier: "constructor" },
      'recordIdentifier: names "constructor"',
    ],
    [
      "an identifier that is no text",
      { recordIdentifier: "quantity" },
      "an identifier must be a text column",
    ],
    [
      "an optional identifier",
      { recordIdentifier: "channel" },
      'recordIdentifier: names "channel", which must not be optional',
    ],
    [
      "a key that the source lacks",
      { entity: entity("product", { key: "product_id" }) },
      'recordIdentifier: names "product_id", which is not a column of source "orders"',
    ],
    [
      "a subject column that is none",
      { subjectColumns: { rider: "who" } },
      'subjectColumns.rider: names "who"',
    ],
    [
      "a subject column that is no text",
      { subjectColumns: { rider: "amount" } },
      'subjectColumns.rider: names "amount": an identifier must be a text column',
    ],
    [
      "an optional subject column",
      { subjectColumns: { rider: "channel" } },
      'subjectColumns.rider: names "channel", which must not be optional',
    ],
    [
      "a subject of a bad name",
      { subjectColumns: { A_B: "courier" } },
      "subjectColumns.A_B: an entity's name must be 1 to 64",
    ],
    [
      "a subject column without its feature",
      { subjectColumns: { rider: "courier" } },
      'subjectColumns.rider: names "courier", so the group needs a feature courier: latest("courier")',
    ],
    [
      "a subject column whose feature is another column's",
      { subjectColumns: { rider: "courier" }, features: { courier: latest("channel") } },
      "subjectColumns.rider: ",
    ],
    [
      "a subject column whose feature has a window",
      { subjectColumns: { rider: "courier" }, features: { courier: latest("courier").over("1 day") } },
      "subjectColumns.rider: ",
    ],
    [
      "a subject column whose feature leaves events out",
      {
        subjectColumns: { rider: "courier" },
        features: { courier: latest("courier").where("gift", "equals", true) },
      },
      "subjectColumns.rider: ",
    ],
    [
      "a subject column whose feature has a default",
      { subjectColumns: { rider: "courier" }, features: { courier: latest("courier").default("none") } },
      "subjectColumns.rider: ",
    ],
    [
      "a subject column that names the record itself",
      { subjectColumns: { rider: "customer_id" } },
      'subjectColumns.rider: names "customer_id", the record identifier',
    ],
    [
      "a column of two subjects",
      { subjectColumns: { rider: "courier", driver: "courier" }, features: named },
      'subjectColumns.rider: names "courier", as subjectColumns.driver does',
    ],
  ])("refuses %s, naming field and rule", (_, options, message) => {
    expect(() => declare(options)).toThrow(DefinitionError);
    expect(() => declare(options)).toThrow(message);
    expect(() => declare(options)).toThrow('feature group "customer-orders": ');
  });

  it.each(["", "Orders", "a_b", "-a", "a-", "x".repeat(65)])("refuses the name %j", (name) => {
    expect(() => declare({}, name)).toThrow(
      `feature group "${name}": name: must be 1 to 64 of a-z, 0-9 and -`,
    );
  });

  it.each(["_a", "a_", "a-b", "a b", "é", "", "x".repeat(65)])("refuses the feature name %j", (name) => {
    expect(() => declare({ features: { [name]: count() } })).toThrow(
      `features.${name}: a name is 1 to 64 letters, digits and inner underscores`,
    );
  });

  it.each(["event_time", "Is_Deleted", "write_time", "year", "Hour"])(
    "refuses the reserved feature name %s",
    (name) => {
      expect(() => declare({ features: { [name]: count() } })).toThrow(
        `features.${name}: the name is reserved`,
      );
    },
  );

  it.each([
    ["two features that differ by case alone", { orders: count(), Orders: count() }, "features.orders"],
    ["a feature called as the identifier", { customer_id: count() }, "features.customer_id"],
    ["a feature called as the identifier in another case", { Customer_ID: count() }, "features.Customer_ID"],
  ])("refuses %s", (_, given, field) => {
    expect(() => declare({ features: given })).toThrow(`${field}: the name stands twice`);
  });

  it("takes a feature called as a column that is not the identifier", () => {
    expect(declare({ features: { amount: max("amount") } }).features[0]?.name).toBe("amount");
  });

  it("takes 2,498 features and no more, for Feature Store has 2,500 with identifier and event time", () => {
    const many = (length: number) =>
      Object.fromEntries(Array.from({ length }, (_, index) => [`f${index}`, count()]));

    expect(declare({ features: many(2_498) }).features).toHaveLength(2_498);
    expect(() => declare({ features: many(2_499) })).toThrow(
      "features: must hold at most 2498 features, not 2499",
    );
  });
});

function unfrozenParts(value: unknown, path = "group"): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return [
    ...(Object.isFrozen(value) ? [] : [path]),
    ...Object.entries(value).flatMap(([key, part]) => unfrozenParts(part, `${path}.${key}`)),
  ];
}
