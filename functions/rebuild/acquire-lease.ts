// The state "Acquire lease" of the rebuild.

import { acquireRebuildLease } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("acquire-lease", runRef, acquireRebuildLease);
