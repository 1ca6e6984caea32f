// The state "Confirm recovery" of the remediation.

import { confirmRecovery } from "@steward/core";
import { controlTask, runRef } from "../_runtime/task.ts";

export const handler = controlTask("confirm-recovery", runRef, (ports, ref) => confirmRecovery(ports, ref));
