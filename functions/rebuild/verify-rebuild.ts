// The state "Verify rebuild" of the rebuild.

import { verifyRebuild } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("verify-rebuild", runRef, (ports, ref) => verifyRebuild(ports, ref));
