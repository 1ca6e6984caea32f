// Decides how figures are kept on a laptop: one JSON line a point, appended to a file.
// Leaves their evaluation (freshness, alarms) to whoever reads the file.

import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { InvalidInputError, type MetricPoint, type Metrics, toIso } from "@steward/core";

export class JsonlMetrics implements Metrics {
  readonly #file: string;

  constructor(options: { readonly file: string }) {
    this.#file = options.file;
  }

  /** The points of one call are appended by one write, so that the lines of two processes never mix. */
  async put(points: readonly MetricPoint[]): Promise<void> {
    if (points.length === 0) return;
    const lines = points.map(toLine);
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    await appendFile(this.#file, `${lines.join("\n")}\n`, { mode: 0o600 });
  }
}

function toLine({ name, value, unit, dimensions, atMs }: MetricPoint): string {
  if (!Number.isFinite(value)) {
    throw new InvalidInputError(`metric ${name} must be a finite number, not ${value}`);
  }
  return JSON.stringify({ name, value, unit, dimensions, at: toIso(atMs) });
}
