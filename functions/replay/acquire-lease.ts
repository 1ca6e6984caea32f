// The state "Acquire lease" of the replay.

import { acquireReplayLease } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("acquire-lease", runRef, acquireReplayLease);
