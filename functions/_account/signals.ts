// Opens what tells of the platform: its figures, and whom to wake.

import {
  CloudWatchMetricHistory,
  createCloudWatchClient,
  createSnsClient,
  EmfMetrics,
  SnsPager,
} from "@steward/adapters/aws";
import { variable } from "./environment.ts";
import { once } from "./once.ts";
import { systemClock } from "./system-clock.ts";

export const openMetrics = once(async () => new EmfMetrics({ namespace: variable("METRIC_NAMESPACE") }));

export const openMetricHistory = once(
  async () =>
    new CloudWatchMetricHistory({
      client: createCloudWatchClient(),
      clock: systemClock,
      namespace: variable("METRIC_NAMESPACE"),
    }),
);

export const openPager = once(
  async () => new SnsPager({ client: createSnsClient(), topicArn: variable("PAGES_TOPIC") }),
);
