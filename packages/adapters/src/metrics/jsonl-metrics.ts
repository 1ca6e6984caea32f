// Decides how figures are kept on a laptop: one JSON line a point, appended to a file, read back from its end.
// Leaves their evaluation (freshness, alarms) to core.

import { appendFile, type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import {
  type EpochMs,
  InvalidInputError,
  type MetricHistory,
  type MetricPoint,
  type MetricQuery,
  type MetricReading,
  type Metrics,
  toIso,
} from "@steward/core";
import { z } from "zod";

/** Some hundred points: a few minutes of a few groups. */
const BLOCK_BYTES = 65_536;
const line = z.object({
  name: z.string(),
  value: z.number(),
  dimensions: z.record(z.string(), z.string()),
  at: z.string(),
});
type Line = z.infer<typeof line>;

export class JsonlMetrics implements Metrics, MetricHistory {
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

  /** Reads backwards until a line is older: the clock of a platform never goes back. */
  async read(
    queries: readonly MetricQuery[],
    fromMs: EpochMs,
  ): Promise<readonly (readonly MetricReading[])[]> {
    const found = queries.map((): MetricReading[] => []);
    const places = Map.groupBy(queries.keys(), (index) => keyOf(queries[index] as MetricQuery));
    for await (const { name, dimensions, value, at } of linesFromEnd(this.#file)) {
      const atMs = Date.parse(at) as EpochMs;
      if (atMs < fromMs) break;
      for (const place of places.get(keyOf({ name, dimensions })) ?? []) found[place]?.push({ value, atMs });
    }
    return found.map((readings) => readings.reverse());
  }
}

function toLine({ name, value, unit, dimensions, atMs }: MetricPoint): string {
  if (!Number.isFinite(value)) {
    throw new InvalidInputError(`metric ${name} must be a finite number, not ${value}`);
  }
  return JSON.stringify({ name, value, unit, dimensions, at: toIso(atMs) });
}

/** Equal for equal names and dimensions, whatever their order. */
function keyOf({ name, dimensions }: MetricQuery): string {
  return JSON.stringify([name, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** The file's lines, the last first; none where it is not there. A line that another process has not finished is passed over. */
async function* linesFromEnd(path: string): AsyncGenerator<Line> {
  const file = await openIfThere(path);
  if (file === undefined) return;
  try {
    let end = (await file.stat()).size;
    let rest = "";
    while (end > 0) {
      const start = Math.max(0, end - BLOCK_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
      const [first = "", ...texts] = (buffer.toString("latin1", 0, bytesRead) + rest).split("\n");
      for (const text of texts.reverse()) yield* parseLine(text);
      rest = first;
      end = start;
    }
    yield* parseLine(rest);
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Bytes are taken as Latin-1 until a line is whole: a block may end within a character. */
function* parseLine(text: string): Generator<Line> {
  try {
    const parsed = line.safeParse(JSON.parse(Buffer.from(text, "latin1").toString("utf8")));
    if (parsed.success) yield parsed.data;
  } catch {
    // Not finished, or not ours.
  }
}
