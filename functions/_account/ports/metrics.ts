// Opens where the platform's figures are put.

import { EmfMetrics } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";

export const open = once(async () => new EmfMetrics({ namespace: variable("METRIC_NAMESPACE") }));
