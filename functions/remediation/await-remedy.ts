// The state "Await remedy" of the remediation.

import { awaitRemedy } from "@steward/core";
import { controlTask, runRef } from "../_runtime/task.ts";

export const handler = controlTask("await-remedy", runRef, (ports, ref) => awaitRemedy(ports, ref));
