// The state "Enqueue chunks" of the refresh.

import { enqueueChunks } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("enqueue-chunks", runRef, enqueueChunks);
