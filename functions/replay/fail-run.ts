// The state "Fail run" of the replay: what was written stays, for each record of it is as it should be.

import { failReplay } from "@steward/core";
import { failRunTask } from "../_runtime/fail-run.ts";

export const handler = failRunTask(failReplay);
