// The state "Await writes" of the refresh.

import { awaitWrites } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("await-writes", runRef, (ports, ref) => awaitWrites(ports, ref));
