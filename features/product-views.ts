// How a product draws attention: another entity, a source with event ids, a time to live and a schedule.

import {
  boolean,
  count,
  distinctCount,
  featureGroup,
  float,
  instant,
  latest,
  mean,
  optional,
  source,
  text,
} from "@steward/core";
import { product } from "./product.ts";

export const views = source("views", {
  columns: {
    view_id: text(),
    product_id: text(),
    viewed_at: instant(),
    visitor_id: text(),
    seconds: optional(float()),
    in_stock: boolean(),
  },
  eventTime: "viewed_at",
  eventId: "view_id",
});

export const productViews = featureGroup("product-views", {
  entity: product,
  source: views,
  owner: "catalog",
  schedule: "rate(1 hour)",
  freshness: "2 hours",
  ttl: "30 days",
  description: "How often and how long a product was looked at",
  features: {
    views_1d: count().over("1 day"),
    views_7d: count().over("7 days"),
    visitors_7d: distinctCount("visitor_id").over("7 days"),
    avg_seconds_7d: mean("seconds").over("7 days").default(0),
    long_views_7d: count().over("7 days").where("seconds", "greaterOrEqual", 30),
    in_stock: latest("in_stock"),
  },
});
