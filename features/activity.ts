// What customers do in the shop, as it happens: events of a stream, without ids.

import { instant, optional, source, text } from "@steward/core";

export const activity = source("activity", {
  columns: { customer_id: text(), seen_at: instant(), page: text(), product_id: optional(text()) },
  eventTime: "seen_at",
});
