// Opens where the platform's figures are looked up.

import { CloudWatchMetricHistory, createCloudWatchClient } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";
import { systemClock } from "../system-clock.ts";

export const open = once(
  async () =>
    new CloudWatchMetricHistory({
      client: createCloudWatchClient(),
      clock: systemClock,
      namespace: variable("METRIC_NAMESPACE"),
    }),
);
