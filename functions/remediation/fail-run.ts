// The state "Fail run" of the remediation: a person is paged, for nobody else looks after the group then.

import { failRemediation } from "@steward/core";
import { failRunTask } from "../_runtime/fail-run.ts";

export const handler = failRunTask(failRemediation);
