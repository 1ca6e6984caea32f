// When two definitions mean the same records, and when they do not.

import {
  type Aggregation,
  type Columns,
  count,
  decimal,
  definitionFingerprint,
  entity,
  type FeatureGroup,
  featureGroup,
  instant,
  integer,
  latest,
  source,
  sum,
  text,
} from "@steward/core";
import { describe, expect, it } from "vitest";

const customer = entity("customer", { key: "customer_id" });
const columns: Columns = {
  customer_id: text(),
  ordered_at: instant(),
  arrived_at: instant(),
  amount: decimal(10, 2),
  rider: text(),
  courier: text(),
  depot: text(),
};
const spend = sum("amount").over("30 days").where("amount", "greater", 0);

/** The group as usual, each part replaced by what is given. */
function declare(
  given: {
    readonly columns?: Columns;
    readonly sourceName?: string;
    readonly source?: Readonly<Record<string, string>>;
    readonly options?: Readonly<Record<string, unknown>>;
  } = {},
): FeatureGroup {
  const { features = { spend, orders: count() }, ...options } = given.options ?? {};
  const sourceOptions = { columns: given.columns ?? columns, eventTime: "ordered_at", ...given.source };
  return featureGroup("orders", {
    entity: customer,
    source: source(given.sourceName ?? "orders", sourceOptions),
    owner: "growth",
    features: {
      ...(features as Record<string, Aggregation>),
      rider: latest("rider"),
      courier: latest("courier"),
    },
    subjectColumns: { rider: "rider" },
    ...options,
  });
}

const usual = definitionFingerprint(declare());

describe("definitionFingerprint", () => {
  it("is 16 hex digits, the same for the same declaration", () => {
    expect(usual).toMatch(/^[0-9a-f]{16}$/);
    expect(definitionFingerprint(declare())).toBe(usual);
  });

  it.each([
    ["its owner", declare({ options: { owner: "sales" } })],
    ["its schedule", declare({ options: { schedule: "rate(1 hour)" } })],
    ["its freshness", declare({ options: { freshness: "2 hours" } })],
    ["its description", declare({ options: { description: "Orders" } })],
    ["its sensitivity", declare({ options: { pii: true } })],
    [
      "the entity's description",
      declare({ options: { entity: entity("customer", { key: "customer_id", description: "A person" }) } }),
    ],
    [
      "a default, which is not stored",
      declare({ options: { features: { spend: spend.default(0), orders: count() } } }),
    ],
    ["the column that is watched for silence", declare({ source: { partition: "amount" } })],
    ["the order of its features", declare({ options: { features: { orders: count(), spend } } })],
    ["the order of the columns", declare({ columns: Object.fromEntries(Object.entries(columns).reverse()) })],
    ["the identifier said outright", declare({ options: { recordIdentifier: "customer_id" } })],
  ])("stays when a group changes %s", (_, group) => {
    expect(definitionFingerprint(group)).toBe(usual);
  });

  it("stays when the order of the subject columns changes", () => {
    const left = declare({ options: { subjectColumns: { rider: "rider", courier: "courier" } } });
    const right = declare({ options: { subjectColumns: { courier: "courier", rider: "rider" } } });

    expect(definitionFingerprint(left)).toBe(definitionFingerprint(right));
  });

  it.each([
    ["the entity", declare({ options: { entity: entity("client", { key: "customer_id" }) } })],
    ["the identifier", declare({ options: { recordIdentifier: "depot" } })],
    ["the source's name", declare({ sourceName: "returns" })],
    ["the event time", declare({ source: { eventTime: "arrived_at" } })],
    ["the event id", declare({ source: { eventId: "courier" } })],
    ["a column's type", declare({ columns: { ...columns, amount: integer() } })],
    ["a decimal's digits", declare({ columns: { ...columns, amount: decimal(10, 3) } })],
    ["a subject column", declare({ options: { subjectColumns: { rider: "courier" } } })],
    ["its subjects", declare({ options: { subjectColumns: {} } })],
    ["its ttl", declare({ options: { ttl: "30 days" } })],
    ["a feature's name", declare({ options: { features: { spent: spend, orders: count() } } })],
    ["a feature less", declare({ options: { features: { spend } } })],
    ["a window", declare({ options: { features: { spend: spend.over("31 days"), orders: count() } } })],
    ["no window for one", declare({ options: { features: { spend, orders: count().over("1 day") } } })],
    ["a measure", declare({ options: { features: { spend: count(), orders: count() } } })],
    [
      "a filter more",
      declare({ options: { features: { spend: spend.where("amount", "less", 9), orders: count() } } }),
    ],
    [
      "a filter's bound",
      declare({
        options: {
          features: { spend: sum("amount").over("30 days").where("amount", "greater", 1), orders: count() },
        },
      }),
    ],
  ])("changes with %s", (_, group) => {
    expect(definitionFingerprint(group)).not.toBe(usual);
  });
});
