// Writes docs/openapi.json, the description of the API, from the schemas that its handlers parse by.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toOpenApi } from "@steward/functions/_runtime/open-api.ts";
import { getOpenApi } from "@steward/functions/api/openapi-get.ts";
import { ROUTES } from "@steward/functions/api/routes.ts";

const file = join(import.meta.dirname, "../docs/openapi.json");
writeFileSync(file, `${JSON.stringify(toOpenApi([...ROUTES, getOpenApi]), undefined, 2)}\n`);
