// The state "Await writes" of the rebuild.

import { awaitRebuildWrites } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("await-writes", runRef, (ports, ref) => awaitRebuildWrites(ports, ref));
