// Values for tests: each builder takes what a test is about and fills in the rest.

import {
  type Aggregation,
  count,
  decimal,
  entity,
  type FeatureGroup,
  type FeatureGroupOptions,
  type FeatureRecord,
  featureGroup,
  instant,
  integer,
  latest,
  mean,
  optional,
  source,
  text,
  toEpochMs,
} from "@steward/core";

const customer = entity("customer", { key: "customer_id" });
const purchaseColumns = {
  customer_id: text(),
  ordered_at: instant(),
  quantity: integer(),
  amount: decimal(10, 2),
  channel: optional(text()),
};
const purchases = source("purchases", { columns: purchaseColumns, eventTime: "ordered_at" });

type GroupOverrides = Partial<
  FeatureGroupOptions<typeof purchaseColumns, Readonly<Record<string, Aggregation>>>
> & { readonly name?: string };

/** A record without what its reader adds, to be compared with one that was written down. */
export const toPlain = ({ recordId, eventTimeMs, features }: FeatureRecord): FeatureRecord => ({
  recordId,
  eventTimeMs,
  features,
});

/** A group of four features (count, mean, latest instant, latest text) of customers, without a ttl. */
export function aFeatureGroup({ name = "customer-orders", ...overrides }: GroupOverrides = {}): FeatureGroup {
  return featureGroup(name, {
    entity: customer,
    source: purchases,
    owner: "growth",
    features: {
      orders_30d: count().over("30 days"),
      avg_order_value_30d: mean("amount").over("30 days"),
      last_ordered_at: latest("ordered_at"),
      last_channel: latest("channel"),
    },
    ...overrides,
  });
}

/** A group of sessions: each record names its customer, and where it came from. */
export function aSessionGroup({ owner = "growth" }: { readonly owner?: string } = {}): FeatureGroup {
  const visits = source("visits", {
    columns: { session_id: text(), customer_id: text(), visited_at: instant(), channel: optional(text()) },
    eventTime: "visited_at",
  });
  return featureGroup("session-visits", {
    entity: entity("session", { key: "session_id" }),
    source: visits,
    owner,
    subjectColumns: { customer: "customer_id" },
    features: { customer_id: latest("customer_id"), last_channel: latest("channel"), visits: count() },
  });
}

/** A record of `aFeatureGroup()`. */
export function aRecord(
  overrides: {
    readonly recordId?: string;
    readonly eventTimeMs?: number;
    readonly features?: FeatureRecord["features"];
  } = {},
): FeatureRecord {
  const { recordId = "00042", eventTimeMs = 1_000, features = { orders_30d: 3 } } = overrides;
  return { recordId, eventTimeMs: toEpochMs(eventTimeMs), features };
}
