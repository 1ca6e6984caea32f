// The state "Hard delete" of the erasure.

import { hardDelete } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("hard-delete", runRef, hardDelete);
