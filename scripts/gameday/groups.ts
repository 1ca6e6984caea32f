// The groups of a game day. Brisk ones are refreshed every five minutes and late after twenty, so that a fault of their data
// shows in seconds of a fast clock; calm ones every half an hour, so that no refresh repairs a store before anybody looks.

import { count, entity, featureGroup, instant, integer, latest, source, sum, text } from "@steward/core";

const customer = entity("customer", { key: "customer_id" });
const product = entity("product", { key: "product_id" });

const sales = source("sales", {
  columns: { customer_id: text(), sold_at: instant(), pieces: integer(), shop: text() },
  eventTime: "sold_at",
  partition: "shop",
});
const visits = source("visits", {
  columns: { product_id: text(), seen_at: instant(), pages: integer() },
  eventTime: "seen_at",
});

const BRISK = { schedule: "rate(5 minutes)", freshness: "20 minutes" } as const;
const CALM = { schedule: "rate(30 minutes)", freshness: "1 hour" } as const;

const salesOf = (pace: typeof BRISK | typeof CALM) =>
  featureGroup("customer-sales", {
    entity: customer,
    source: sales,
    owner: "growth",
    ...pace,
    features: {
      sales_1d: count().over("1 day"),
      pieces_1d: sum("pieces").over("1 day").default(0),
      last_shop: latest("shop"),
    },
  });

export const briskSales = salesOf(BRISK);
export const calmSales = salesOf(CALM);
export const calmVisits = featureGroup("product-visits", {
  entity: product,
  source: visits,
  owner: "catalog",
  ...CALM,
  features: { visits_1d: count().over("1 day"), pages_1d: sum("pages").over("1 day").default(0) },
});
