// The state "Erase events" of the erasure.

import { eraseEvents } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("erase-events", runRef, eraseEvents);
