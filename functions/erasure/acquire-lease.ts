// The state "Acquire lease" of the erasure.

import { acquireErasureLease } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("acquire-lease", runRef, acquireErasureLease);
