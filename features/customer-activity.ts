// Where a customer is in the shop right now: fed by a stream, one record an event, the newest wins.

import { featureGroup, latest } from "@steward/core";
import { activity } from "./activity.ts";
import { customer } from "./customer.ts";

export const customerActivity = featureGroup("customer-activity", {
  entity: customer,
  source: activity,
  path: "stream",
  owner: "growth",
  pii: true,
  freshness: "1 minute",
  description: "A customer's last page and product, seconds after the visit",
  features: {
    last_page: latest("page").default("none"),
    last_product_id: latest("product_id"),
    last_seen_at: latest("seen_at"),
  },
});
