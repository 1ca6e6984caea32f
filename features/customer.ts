// The entity that the retail groups are about.

import { entity } from "@steward/core";

export const customer = entity("customer", {
  key: "customer_id",
  description: "A person who bought something",
});
