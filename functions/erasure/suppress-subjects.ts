// The state "Suppress subjects" of the erasure.

import { suppressForErasure } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("suppress-subjects", runRef, suppressForErasure);
