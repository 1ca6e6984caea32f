// The state "Plan rebuild" of the rebuild.

import { planRebuild } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("plan-rebuild", runRef, planRebuild);
