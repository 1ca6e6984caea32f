// Makes purchases for trying things out: the same seed gives the same rows. `node features/generate-purchases.ts --help`.

import { parseArgs } from "node:util";
import { InvalidInputError, parseInstant } from "@steward/core";
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

function main(): void {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      customers: { type: "string", default: "1000" },
      purchases: { type: "string", default: "10000" },
      from: { type: "string", default: "2026-01-01" },
      days: { type: "string", default: "180" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const wholeNumber = (name: "seed" | "customers" | "purchases" | "days"): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidInputError(`--${name} must be a whole number above 0`);
    return value;
  };
  const lines = generatePurchases({
    seed: wholeNumber("seed"),
    customers: wholeNumber("customers"),
    purchases: wholeNumber("purchases"),
    fromDay: values.from,
    days: wholeNumber("days"),
  });
  for (const line of lines) process.stdout.write(`${line}\n`);
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : "the purchases could not be made");
    process.exitCode = 2;
  }
}
