// The state "Scan copies" of the erasure.

import { scanCopies } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("scan-copies", runRef, scanCopies);
