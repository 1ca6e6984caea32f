// What a customer bought lately: recency, frequency and money, over windows of up to 90 days.

import { count, distinctCount, featureGroup, latest, max, mean, min, ratio, sum } from "@steward/core";
import { customer } from "./customer.ts";
import { purchases } from "./purchases.ts";

export const customerPurchases = featureGroup("customer-purchases", {
  entity: customer,
  source: purchases,
  owner: "growth",
  pii: true,
  description: "Recency, frequency and money of a customer's purchases",
  features: {
    orders_7d: count().over("7 days"),
    orders_30d: count().over("30 days"),
    orders_90d: count().over("90 days"),
    spend_30d: sum("amount").over("30 days").default(0),
    spend_90d: sum("amount").over("90 days").default(0),
    items_90d: sum("quantity").over("90 days").default(0),
    avg_order_value_90d: mean("amount").over("90 days").default(0),
    max_order_value_90d: max("amount").over("90 days"),
    min_order_value_90d: min("amount").over("90 days"),
    order_days_90d: distinctCount("date", { unit: "day" }).over("90 days"),
    spend_per_item_90d: ratio(sum("amount"), sum("quantity")).over("90 days"),
    last_ordered_at: latest("date"),
  },
});
