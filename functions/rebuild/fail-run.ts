// The state "Fail run" of the rebuild: whatever went wrong, nothing stays half done.

import { failRebuild } from "@steward/core";
import { failRunTask } from "../_runtime/fail-run.ts";

export const handler = failRunTask(failRebuild);
