// Makes shop visits for trying a stream out: the same seed gives the same events. `node features/generate-activity.ts --help`.

import { parseArgs } from "node:util";
import { type EpochMs, InvalidInputError, parseInstant, toIso } from "@steward/core";
import { seededRandom } from "./seeded-random.ts";

export interface ActivityOptions {
  readonly seed: number;
  readonly customers: number;
  readonly events: number;
  /** The instant of the first event, and over how many minutes they spread. */
  readonly from: string;
  readonly minutes: number;
}

const PAGES = ["home", "search", "product", "basket", "checkout"] as const;

/** One JSON object a line, ascending by time, no two at one instant unless there are more events than milliseconds. */
export function* generateActivity(options: ActivityOptions): Iterable<string> {
  const fromMs = parseInstant(options.from);
  if (fromMs === undefined)
    throw new InvalidInputError("from must be an instant such as 2026-01-31T08:00:00Z");
  const random = seededRandom(options.seed);
  const spanMs = options.minutes * 60_000;
  for (let index = 0; index < options.events; index += 1) {
    const seenAtMs = (fromMs + Math.floor((index * spanMs) / options.events)) as EpochMs;
    const customer = Math.floor(random() ** 2 * options.customers) + 1;
    const page = PAGES[Math.floor(random() * PAGES.length)] ?? "home";
    const product = page === "product" || page === "basket" ? `p-${Math.floor(random() * 500) + 1}` : null;
    yield JSON.stringify({
      customer_id: String(customer).padStart(7, "0"),
      seen_at: toIso(seenAtMs),
      page,
      ...(product === null ? {} : { product_id: product }),
    });
  }
}

const USAGE = `Usage: node features/generate-activity.ts [options] > activity.jsonl
  --seed N        the same seed gives the same events (1)
  --customers N   how many customers there may be (1000)
  --events N      how many events (10000)
  --from INSTANT  when the first happens (2026-01-01T08:00:00Z)
  --minutes N     over how many minutes (60)`;

function main(): void {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      customers: { type: "string", default: "1000" },
      events: { type: "string", default: "10000" },
      from: { type: "string", default: "2026-01-01T08:00:00Z" },
      minutes: { type: "string", default: "60" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const wholeNumber = (name: "seed" | "customers" | "events" | "minutes"): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidInputError(`--${name} must be a whole number above 0`);
    return value;
  };
  const lines = generateActivity({
    seed: wholeNumber("seed"),
    customers: wholeNumber("customers"),
    events: wholeNumber("events"),
    from: values.from,
    minutes: wholeNumber("minutes"),
  });
  for (const line of lines) process.stdout.write(`${line}\n`);
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : "the events could not be made");
    process.exitCode = 2;
  }
}
