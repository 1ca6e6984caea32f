// The state "Await offline buffer" of the erasure.

import { awaitOfflineBuffer } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("await-offline-buffer", runRef, (ports, ref) => awaitOfflineBuffer(ports, ref));
