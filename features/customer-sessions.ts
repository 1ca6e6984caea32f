// How each visit to the shop went. The record is the session's; its subject column says whose it was, so that erasing the
// customer erases the session.

import { count, distinctCount, featureGroup, latest, max, min, sum } from "@steward/core";
import { clicks } from "./clicks.ts";
import { session } from "./session.ts";

export const customerSessions = featureGroup("customer-sessions", {
  entity: session,
  source: clicks,
  owner: "growth",
  pii: true,
  schedule: "rate(1 hour)",
  freshness: "2 hours",
  subjectColumns: { customer: "customer_id" },
  description: "A visit to the shop: whose, how long, where it ended",
  features: {
    customer_id: latest("customer_id"),
    clicks: count(),
    pages: distinctCount("page"),
    seconds: sum("seconds").default(0),
    began_at: min("clicked_at"),
    ended_at: max("clicked_at"),
    last_page: latest("page"),
  },
});
