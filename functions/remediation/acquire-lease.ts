// The state "Acquire lease" of the remediation.

import { acquireRemediationLease } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("acquire-lease", runRef, acquireRemediationLease);
