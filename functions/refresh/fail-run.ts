// The state "Fail run" of the refresh: whatever went wrong, nothing stays half done.

import { failRefresh } from "@steward/core";
import { failRunTask } from "../_runtime/fail-run.ts";

export const handler = failRunTask(failRefresh);
