// Decides how figures leave a function in an account: lines of the embedded metric format on its output, which CloudWatch Logs
// turns into metrics. No call is made, so none can fail or be waited for.

import { InvalidInputError, type MetricPoint, type Metrics } from "@steward/core";

export const METRIC_NAMESPACE = "Steward";

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html,
 * read 2026-11-25. */
const MAX_METRICS = 100;
const MAX_DIMENSIONS = 30;
const MAX_NAME_CHARS = 250;
const MAX_VALUE_CHARS = 1_024;
const METADATA = "_aws";

export interface EmfMetricsOptions {
  readonly namespace?: string;
  /** Gets each document with its line end. Default: the process's output; not the console, which may wrap a line in a log entry. */
  readonly write?: (line: string) => void;
}

export class EmfMetrics implements Metrics {
  readonly #namespace: string;
  readonly #write: (line: string) => void;

  constructor({ namespace = METRIC_NAMESPACE, write }: EmfMetricsOptions = {}) {
    this.#namespace = namespace;
    this.#write = write ?? ((line) => process.stdout.write(line));
  }

  /** One document for the points of one instant and one set of dimensions, as far as one holds them.
   * @throws InvalidInputError for a point that the format does not hold; then nothing is written. */
  async put(points: readonly MetricPoint[]): Promise<void> {
    for (const point of points) checkPoint(point);
    const documents = [...Map.groupBy(points, placeOf).values()].flatMap((those) =>
      splitPoints(those).map((some) => toDocument(this.#namespace, some)),
    );
    for (const document of documents) this.#write(`${JSON.stringify(document)}\n`);
  }
}

function checkPoint({ name, value, dimensions }: MetricPoint): void {
  const fail = (rule: string): never => {
    throw new InvalidInputError(`metric ${name}: ${rule}`);
  };
  if (!Number.isFinite(value)) fail(`must be a finite number, not ${value}`);
  const names = Object.keys(dimensions);
  if (names.length > MAX_DIMENSIONS) fail(`has ${names.length} dimensions, more than ${MAX_DIMENSIONS}`);
  for (const each of [name, ...names])
    if (each.length === 0 || each.length > MAX_NAME_CHARS || each === METADATA)
      fail(`a name is 1 to ${MAX_NAME_CHARS} characters, and not ${METADATA}`);
  // Both are members of one object: the value would take the dimension's place.
  if (names.includes(name)) fail("is called as one of its dimensions");
  for (const text of Object.values(dimensions))
    if (text.length === 0 || text.length > MAX_VALUE_CHARS)
      fail(`a dimension's value is 1 to ${MAX_VALUE_CHARS} characters`);
}

function placeOf({ dimensions, atMs }: MetricPoint): string {
  return JSON.stringify([atMs, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** A document has one value a metric here: a name that comes again opens the next. */
function splitPoints(points: readonly MetricPoint[]): readonly (readonly MetricPoint[])[] {
  const documents: MetricPoint[][] = [];
  for (const point of points) {
    const open = documents.find(
      (each) => each.length < MAX_METRICS && each.every(({ name }) => name !== point.name),
    );
    if (open === undefined) documents.push([point]);
    else open.push(point);
  }
  return documents;
}

function toDocument(namespace: string, points: readonly MetricPoint[]): Readonly<Record<string, unknown>> {
  const [first] = points;
  const directive = {
    Namespace: namespace,
    Dimensions: [Object.keys(first?.dimensions ?? {})],
    Metrics: points.map(({ name, unit }) => ({ Name: name, Unit: unit })),
  };
  return {
    [METADATA]: { Timestamp: first?.atMs, CloudWatchMetrics: [directive] },
    ...first?.dimensions,
    ...Object.fromEntries(points.map(({ name, value }) => [name, value])),
  };
}
