// Reading back what was put as a metric, for the alarms that are evaluated in process. In an account CloudWatch does both.

import type { EpochMs } from "../time/epoch-ms.ts";

export interface MetricQuery {
  readonly name: string;
  /** All of them, no more and no fewer. */
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface MetricReading {
  readonly value: number;
  readonly atMs: EpochMs;
}

export interface MetricHistory {
  /** Of each query in order, the points dated at or after `fromMs`, in the order in which they were put. */
  read(queries: readonly MetricQuery[], fromMs: EpochMs): Promise<readonly (readonly MetricReading[])[]>;
}
