// What happens within the visits to the shop: one row a click, each with an id of its own.

import { float, instant, optional, source, text } from "@steward/core";

export const clicks = source("clicks", {
  columns: {
    click_id: text(),
    session_id: text(),
    customer_id: text(),
    clicked_at: instant(),
    page: text(),
    seconds: optional(float()),
  },
  eventTime: "clicked_at",
  eventId: "click_id",
});
