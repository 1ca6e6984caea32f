// Makes visits to the shop for trying things out: the same seed gives the same rows. `node features/generate-clicks.ts --help`.

import { type EpochMs, InvalidInputError, parseInstant, toIso } from "@steward/core";
import { runGenerator } from "./run-generator.ts";
import { seededRandom } from "./seeded-random.ts";

export interface ClickOptions {
  readonly seed: number;
  readonly customers: number;
  readonly sessions: number;
  /** The first day, and how many days the sessions spread over. */
  readonly fromDay: string;
  readonly days: number;
}

const DAY_MS = 86_400_000;
const HEADER = "click_id,session_id,customer_id,clicked_at,page,seconds";
const PAGES = ["home", "search", "product", "basket", "checkout"] as const;
const MAX_CLICKS = 8;
const MAX_STAY_SECONDS = 120;

/** The header, then the clicks of one session after another, ascending by their first; of one customer each. */
export function* generateClicks(options: ClickOptions): Iterable<string> {
  const fromMs = parseInstant(options.fromDay);
  if (fromMs === undefined) throw new InvalidInputError("from must be a date such as 2026-01-31");
  const random = seededRandom(options.seed);
  let clickCount = 0;
  yield HEADER;
  for (let index = 0; index < options.sessions; index += 1) {
    const customer = Math.floor(random() ** 2 * options.customers) + 1;
    const clicks = 1 + Math.floor(random() ** 2 * MAX_CLICKS);
    let atMs = fromMs + Math.floor((index * options.days * DAY_MS) / options.sessions);
    for (let click = 0; click < clicks; click += 1) {
      const page = click === 0 ? "home" : PAGES[Math.floor(random() * PAGES.length)];
      // Whoever leaves does not say when: the last page has no stay.
      const stay = click === clicks - 1 ? undefined : 1 + Math.floor(random() * MAX_STAY_SECONDS);
      clickCount += 1;
      yield [
        `c${String(clickCount).padStart(9, "0")}`,
        `s${String(index + 1).padStart(8, "0")}`,
        String(customer).padStart(7, "0"),
        toIso(atMs as EpochMs),
        page,
        stay ?? "",
      ].join(",");
      atMs += (stay ?? 0) * 1_000;
    }
  }
}

const USAGE = `Usage: node features/generate-clicks.ts [options] > clicks.csv
  --seed N        the same seed gives the same rows (1)
  --customers N   how many customers there may be (1000)
  --sessions N    how many visits (2000), of 1 to ${MAX_CLICKS} clicks each
  --from DATE     the first day (2026-01-01)
  --days N        over how many days (180)`;

if (import.meta.main)
  runGenerator({
    usage: USAGE,
    numbers: { seed: 1, customers: 1_000, sessions: 2_000, days: 180 },
    texts: { from: "2026-01-01" },
    lines: (numbers, { from }) => generateClicks({ ...numbers, fromDay: from }),
  });
