// The state "Erase readable" of the erasure.

import { eraseReadable } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("erase-readable", runRef, eraseReadable);
