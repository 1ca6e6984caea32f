// The state "Commit watermark" of the refresh.

import { commitRefreshWatermark } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("commit-watermark", runRef, commitRefreshWatermark);
