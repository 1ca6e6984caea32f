// The state "Close incident" of the remediation.

import { closeIncident } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("close-incident", runRef, closeIncident);
