// The state "Page owner" of the remediation.

import { pageOwner } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("page-owner", runRef, pageOwner);
