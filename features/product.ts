// The entity of the shop's own things: no person, no personal data.

import { entity } from "@steward/core";

export const product = entity("product", { key: "product_id", description: "A thing that the shop sells" });
