// The state "Plan erasure" of the erasure.

import { planErasure } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("plan-erasure", runRef, planErasure);
