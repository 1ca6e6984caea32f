// The state "Apply remedy" of the remediation: it starts the runs that a person would start.

import { applyRemedy } from "@steward/core";
import { controlTask, runRef } from "../_runtime/task.ts";

export const handler = controlTask("apply-remedy", runRef, applyRemedy);
