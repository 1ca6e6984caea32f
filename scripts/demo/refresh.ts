// First act: raw purchases become features in three stores, and the same command again changes nothing.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, heading, say } from "./say.ts";
import { asked, STATE } from "./steward.ts";
import { exportAll, GROUP, readCustomer, SESSIONS } from "./stores.ts";

export const PURCHASES = "data/cdnow.csv";
export const CUSTOMERS = 23_570;
export const VISITS = 20;
const PURCHASE_COUNT = 69_659;

export interface RefreshReport {
  readonly outcome: string;
  readonly counts: { readonly read: number; readonly planned: number; readonly written: number };
}

/** The rows of every record, as they must be again after a rebuild. */
export async function showRefresh(): Promise<readonly string[]> {
  heading("1. Refresh: raw purchases become features in three stores");
  const first = await refresh(GROUP, ["--input", PURCHASES]);
  check(
    first.counts.read === PURCHASE_COUNT && first.counts.written === CUSTOMERS,
    `${PURCHASE_COUNT.toLocaleString("en")} purchases became ${CUSTOMERS.toLocaleString("en")} records`,
  );
  const visits = writeClicks("visits", "1998-06-30T23:");
  const sessions = await refresh(SESSIONS, ["--input", visits]);
  check(sessions.counts.written === VISITS, `${VISITS} visits to the shop became ${VISITS} records`);
  await readCustomer();
  const rows = await exportAll(CUSTOMERS);
  const again = await refresh(GROUP, ["--input", PURCHASES], "unchanged");
  check(
    again.counts.read === 0 && again.counts.written === 0,
    "the same command again read and wrote nothing",
  );
  return rows;
}

export async function refresh(
  group: string,
  options: readonly string[],
  outcome = "succeeded",
): Promise<RefreshReport> {
  const report = await asked<RefreshReport>(["refresh", group, ...options]);
  const { read, planned, written } = report.counts;
  say(`  ${report.outcome}: ${read} rows read, ${planned} records planned, ${written} written to each store`);
  check(report.outcome === outcome, `the run says \`${outcome}\``);
  return report;
}

/** One click each of the first twenty customers, a minute apart, from the fortieth minute of this hour on. */
export function writeClicks(name: string, hour: string, folder = STATE): string {
  const rows = Array.from({ length: VISITS }, (_, index) => {
    const customer = String(index + 1).padStart(5, "0");
    return `${name}-${index},${name}-${customer},${customer},${hour}${40 + index}:00Z,home,1.5`;
  });
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.csv`);
  writeFileSync(path, `click_id,session_id,customer_id,clicked_at,page,seconds\n${rows.join("\n")}\n`);
  return path;
}
