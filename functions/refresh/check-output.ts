// The state "Check output" of the refresh.

import { checkRefreshOutput } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("check-output", runRef, checkRefreshOutput);
