// Makes shop visits for trying a stream out: the same seed gives the same events. `node features/generate-activity.ts --help`.

import { type EpochMs, InvalidInputError, parseInstant, toIso } from "@steward/core";
import { runGenerator } from "./run-generator.ts";
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

if (import.meta.main)
  runGenerator({
    usage: USAGE,
    numbers: { seed: 1, customers: 1_000, events: 10_000, minutes: 60 },
    texts: { from: "2026-01-01T08:00:00Z" },
    lines: (numbers, { from }) => generateActivity({ ...numbers, from }),
  });
