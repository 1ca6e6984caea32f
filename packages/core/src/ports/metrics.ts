// Where figures about the platform go. Dimensions name groups and stores, never subjects.

import type { EpochMs } from "../time/epoch-ms.ts";

export interface MetricPoint {
  readonly name: string;
  readonly value: number;
  readonly unit: "Count" | "Seconds" | "Milliseconds" | "Bytes";
  readonly dimensions: Readonly<Record<string, string>>;
  readonly atMs: EpochMs;
}

export interface Metrics {
  put(points: readonly MetricPoint[]): Promise<void>;
}
