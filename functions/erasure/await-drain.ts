// The state "Await drain" of the erasure.

import { awaitErasureDrain } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("await-drain", runRef, (ports, ref) => awaitErasureDrain(ports, ref));
