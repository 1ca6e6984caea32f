// The state "Finish erasure" of the erasure.

import { finishErasure } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("finish-erasure", runRef, finishErasure);
