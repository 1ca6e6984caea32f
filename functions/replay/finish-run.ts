// The state "Finish run" of the replay.

import { finishReplay } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("finish-run", runRef, finishReplay);
