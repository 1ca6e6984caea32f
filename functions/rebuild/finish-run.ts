// The state "Finish run" of the rebuild.

import { finishRebuild } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("finish-run", runRef, finishRebuild);
