// The state "Commit events" of the refresh.

import { commitAppendedEvents } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("commit-events", runRef, commitAppendedEvents);
