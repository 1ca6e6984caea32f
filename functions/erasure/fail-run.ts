// The state "Fail run" of the erasure: nothing is taken back, the request awaits its certificate.

import { failErasure } from "@steward/core";
import { failRunTask } from "../_runtime/fail-run.ts";

export const handler = failRunTask(failErasure);
