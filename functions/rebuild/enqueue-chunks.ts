// The state "Enqueue chunks" of the rebuild.

import { enqueueRebuildChunks } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("enqueue-chunks", runRef, enqueueRebuildChunks);
