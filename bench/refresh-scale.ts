// Whether a refresh costs the same a record at 10^6 records as at 10^4: whole refreshes through the state machine, from
// CSV to three stores, on a platform of their own each, small and large in turn. `node bench/refresh-scale.ts [--rounds N]`

import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseInstant, startRefresh } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { openPlatform, stopServices } from "@steward/local";
import { median } from "./support/median.ts";

const SMALL = 10_000;
const LARGE = 1_000_000;

export interface ScaleResult {
  readonly smallMicrosPerRecord: number;
  readonly largeMicrosPerRecord: number;
  /** Median over the rounds of large over small. */
  readonly ratio: number;
}

export async function benchRefreshScale(rounds: number): Promise<ScaleResult> {
  const folder = mkdtempSync(join(tmpdir(), "steward-bench-"));
  const pairs: { small: number; large: number }[] = [];
  try {
    const files = {
      small: await writeCustomers(join(folder, "small.csv"), SMALL),
      large: await writeCustomers(join(folder, "large.csv"), LARGE),
    };
    for (let round = 0; round < rounds; round += 1) {
      const small = await microsPerRecord(join(folder, `small-${round}`), files.small, SMALL);
      const large = await microsPerRecord(join(folder, `large-${round}`), files.large, LARGE);
      console.log(
        `round ${round + 1}: 10^4 records ${small.toFixed(1)} µs each, 10^6 records ${large.toFixed(1)} µs each, ratio ${(large / small).toFixed(2)}`,
      );
      pairs.push({ small, large });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    smallMicrosPerRecord: median(pairs.map(({ small }) => small)),
    largeMicrosPerRecord: median(pairs.map(({ large }) => large)),
    ratio: median(pairs.map(({ small, large }) => large / small)),
  };
}

/** One purchase a customer. */
async function writeCustomers(file: string, customers: number): Promise<string> {
  const out = createWriteStream(file);
  out.write("customer_id,date,quantity,amount\n");
  for (let start = 0; start < customers; start += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, customers - start) }, (_, offset) => {
      const number = start + offset;
      return `${String(number).padStart(8, "0")},1997-${String(1 + (number % 9)).padStart(2, "0")}-15,${1 + (number % 5)},${(number % 9_000) / 100}`;
    });
    if (!out.write(`${rows.join("\n")}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
  return file;
}

async function microsPerRecord(stateDir: string, input: string, expected: number): Promise<number> {
  const platform = await openPlatform({ stateDir, groups: [customerPurchases] });
  try {
    platform.startWorkers();
    const begun = performance.now();
    const asOfMs = parseInstant("1997-10-01");
    const run = await platform.settled(
      await startRefresh(platform.ports, { group: customerPurchases.name, asOfMs, inputs: [input] }),
    );
    const elapsedMs = performance.now() - begun;
    const written = (run.report as { counts?: { written?: number } } | null)?.counts?.written;
    if (written !== expected) throw new Error(`${expected} records should have been written, not ${written}`);
    return (elapsedMs * 1_000) / expected;
  } finally {
    await platform.close();
    await stopServices(stateDir, true);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
  const { ratio } = await benchRefreshScale(Number(values.rounds));
  console.log(`time per record at 10^6 over that at 10^4: ${ratio.toFixed(2)} (bar: at most 1.2)`);
}
