// The state "Catch up stream" of the rebuild.

import { catchUpStream } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("catch-up-stream", runRef, (ports, ref) => catchUpStream(ports, ref));
