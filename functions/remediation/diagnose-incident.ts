// The state "Diagnose incident" of the remediation.

import { diagnoseIncident } from "@steward/core";
import { controlTask, runRef } from "../_runtime/task.ts";

export const handler = controlTask("diagnose-incident", runRef, (ports, ref) => diagnoseIncident(ports, ref));
