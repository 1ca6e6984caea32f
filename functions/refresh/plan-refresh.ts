// The state "Plan refresh" of the refresh.

import { planRefresh } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("plan-refresh", runRef, planRefresh);
