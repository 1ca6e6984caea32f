// The state "Erase offline" of the erasure.

import { eraseOffline } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("erase-offline", runRef, eraseOffline);
