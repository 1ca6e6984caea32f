// The raw purchases of the retail sample: one row a purchase, no event ids, so equal rows are events of their own.

import { decimal, instant, integer, source, text } from "@steward/core";

export const purchases = source("purchases", {
  columns: { customer_id: text(), date: instant(), quantity: integer(), amount: decimal(12, 2) },
  eventTime: "date",
});
