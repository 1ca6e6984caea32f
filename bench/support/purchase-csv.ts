// Decides what the purchases of a benchmark look like: seeded, so that every run reads the same bytes.

import { closeSync, openSync, writeSync } from "node:fs";

export interface PurchaseCsvOptions {
  readonly events: number;
  readonly customers: number;
  /** One row in so many has an amount in tenths of a cent, which its type refuses; 0: none. */
  readonly badEvery: number;
  readonly seed: number;
}

const FIRST_DAY_MS = Date.UTC(1997, 0, 1);
const DAY_MS = 86_400_000;
const DAYS = 540;
const MAX_CENTS = 20_000;
const ROWS_PER_WRITE = 20_000;

/** Writes `customer_id,date,quantity,amount` rows. About three million rows a second. */
export function writePurchaseCsv(path: string, options: PurchaseCsvOptions): void {
  const random = xorshift(options.seed);
  const dates = Array.from({ length: DAYS }, (_, day) =>
    new Date(FIRST_DAY_MS + day * DAY_MS).toISOString().slice(0, 10),
  );
  const file = openSync(path, "w");
  writeSync(file, "customer_id,date,quantity,amount\n");
  let rows: string[] = [];
  for (let row = 1; row <= options.events; row++) {
    const customer = String(random() % options.customers).padStart(7, "0");
    const isBad = options.badEvery > 0 && row % options.badEvery === 0;
    rows.push(
      `${customer},${dates[random() % DAYS]},${1 + (random() % 9)},${amount(random() % MAX_CENTS)}${isBad ? "5" : ""}\n`,
    );
    if (rows.length === ROWS_PER_WRITE || row === options.events) {
      writeSync(file, rows.join(""));
      rows = [];
    }
  }
  closeSync(file);
}

function amount(cents: number): string {
  const rest = cents % 100;
  return `${(cents - rest) / 100}.${rest < 10 ? "0" : ""}${rest}`;
}

/** Marsaglia's 32-bit xorshift (2003). */
function xorshift(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
