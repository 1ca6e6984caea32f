// How a customer's buying has gone over a year: the same source as customer-purchases, slower and longer.

import { count, distinctCount, featureGroup, latest, max, sum } from "@steward/core";
import { customer } from "./customer.ts";
import { purchases } from "./purchases.ts";

export const customerLoyalty = featureGroup("customer-loyalty", {
  entity: customer,
  source: purchases,
  owner: "growth",
  pii: true,
  schedule: "rate(1 day)",
  freshness: "2 days",
  ttl: "52 weeks",
  description: "A customer's year: orders, money, days with an order",
  features: {
    orders_52w: count().over("52 weeks"),
    order_days_52w: distinctCount("date", { unit: "day" }).over("52 weeks"),
    spend_52w: sum("amount").over("52 weeks").default(0),
    large_orders_52w: count().over("52 weeks").where("amount", "greaterOrEqual", 100),
    largest_order: max("amount"),
    last_amount: latest("amount"),
  },
});
