// The state "Acquire lease" of the refresh.

import { acquireRefreshLease } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("acquire-lease", runRef, acquireRefreshLease);
