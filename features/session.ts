// The entity of the shop's visits: a session is no person, but it names one.

import { entity } from "@steward/core";

export const session = entity("session", { key: "session_id", description: "One visit to the shop" });
