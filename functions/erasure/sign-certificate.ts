// The state "Sign certificate" of the erasure.

import { certifyErasure } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("sign-certificate", runRef, certifyErasure);
