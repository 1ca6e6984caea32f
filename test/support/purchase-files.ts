// Files of purchases for the tests that run the whole platform.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const PURCHASE_HEADER = "customer_id,date,quantity,amount";

/** One purchase of 5.00 by each of `count` customers, 00000 first. */
export function purchasesOf(count: number, day: string): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${String(index).padStart(5, "0")},${day},1,5.00`);
}

/** Its path. */
export function writeCsv(
  dir: string,
  name: string,
  rows: readonly string[],
  header: string = PURCHASE_HEADER,
): string {
  const path = join(dir, name);
  writeFileSync(path, `${[header, ...rows].join("\n")}\n`);
  return path;
}
