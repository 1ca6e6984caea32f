// Makes purchases for trying things out: the same seed gives the same rows. `node features/generate-purchases.ts --help`.

import { InvalidInputError, parseInstant } from "@steward/core";
import { runGenerator } from "./run-generator.ts";
import { seededRandom } from "./seeded-random.ts";

export interface PurchaseOptions {
  readonly seed: number;
  readonly customers: number;
  readonly purchases: number;
  /** The first day, and how many days the purchases spread over. */
  readonly fromDay: string;
  readonly days: number;
}

const DAY_MS = 86_400_000;
const HEADER = "customer_id,date,quantity,amount";

/** The header, then one line a purchase, ascending by date; customers differ in how often and how much they buy. */
export function* generatePurchases(options: PurchaseOptions): Iterable<string> {
  const fromMs = parseInstant(options.fromDay);
  if (fromMs === undefined) throw new InvalidInputError("fromDay must be a date such as 2026-01-31");
  const random = seededRandom(options.seed);
  yield HEADER;
  for (let index = 0; index < options.purchases; index += 1) {
    const day = fromMs + Math.floor((index * options.days) / options.purchases) * DAY_MS;
    // The square favours small numbers: a few customers buy often, most of them rarely.
    const customer = Math.floor(random() ** 2 * options.customers) + 1;
    const quantity = 1 + Math.floor(random() ** 3 * 8);
    const cents = quantity * (499 + Math.floor(random() * 2_500));
    yield `${String(customer).padStart(7, "0")},${new Date(day).toISOString().slice(0, 10)},${quantity},${(cents / 100).toFixed(2)}`;
  }
}

const USAGE = `Usage: node features/generate-purchases.ts [options] > purchases.csv
  --seed N        the same seed gives the same rows (1)
  --customers N   how many customers there may be (1000)
  --purchases N   how many rows (10000)
  --from DATE     the first day (2026-01-01)
  --days N        over how many days (180)`;

if (import.meta.main)
  runGenerator({
    usage: USAGE,
    numbers: { seed: 1, customers: 1_000, purchases: 10_000, days: 180 },
    texts: { from: "2026-01-01" },
    lines: (numbers, { from }) => generatePurchases({ ...numbers, fromDay: from }),
  });
