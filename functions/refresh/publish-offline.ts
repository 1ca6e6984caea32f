// The state "Publish offline" of the refresh.

import { publishOffline } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("publish-offline", runRef, publishOffline);
