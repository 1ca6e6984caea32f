// Shows a refresh end to end by the commands that anybody can type, and checks that what it says is true of the stores.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const STATE = ".steward-demo";
const MAIN = "packages/cli/src/main.ts";
const STORES = ["offline", "online", "hot"] as const;
const CUSTOMER = "00008";
const UP_MS = 20_000;

interface Report {
  readonly outcome: string;
  readonly runId: string;
  readonly counts: {
    readonly read: number;
    readonly setAside: number;
    readonly planned: number;
    readonly written: number;
  };
}

say(
  "Steward keeps machine-learning features in three stores. This is one refresh, from raw purchases to all three.",
);
say(`Everything lies in ${STATE}/, which this script empties first.`);
steward(["down"]);
rmSync(STATE, { recursive: true, force: true });
const platform = await startPlatform();
let isDone = false;
process.once("exit", () => {
  if (!isDone) platform.kill("SIGTERM");
});

heading("1. Raw purchases become features in three stores");
const first = refresh(["--input", "data/cdnow.csv", "--as-of", "1997-10-01"]);
check(
  first.outcome === "succeeded" && first.counts.read === 69_659 && first.counts.written === 23_570,
  "69,659 purchases became 23,570 records",
);

heading(`2. One customer, read from each store`);
const rows = STORES.map((store) =>
  shown(["get", "customer-purchases", CUSTOMER, "--store", store, "--json"]),
);
check(new Set(rows).size === 1, "the three stores say the same");

heading("3. Every record, exported from each store");
const exports = STORES.map((store) => {
  const text = steward(["export", "customer-purchases", "--store", store]).stdout;
  say(
    `  ${store.padEnd(8)} ${text.trimEnd().split("\n").length} rows, SHA-256 ${createHash("sha256").update(text).digest("hex").slice(0, 16)}…`,
  );
  return text;
});
check(new Set(exports).size === 1, "the three exports are equal to the byte");

heading("4. The same command again changes nothing");
const again = refresh(["--input", "data/cdnow.csv", "--as-of", "1997-10-01"]);
check(again.outcome === "unchanged", "the run says `unchanged`");

heading("5. A file with malformed rows: they are set aside, the others count");
const file = join(STATE, "autumn.csv");
writeFileSync(file, autumnPurchases());
const later = refresh(["--input", file, "--as-of", "1997-12-01"]);
check(
  later.outcome === "succeeded" && later.counts.read === 1_000 && later.counts.setAside === 3,
  "3 of 1,000 rows were set aside",
);
say(shown(["set-aside", later.runId]));

heading("6. A later as-of supersedes every record");
const after = STORES.map((store) =>
  shown(["get", "customer-purchases", CUSTOMER, "--store", store, "--json"]),
);
check(
  new Set(after).size === 1 && after[0]?.includes("1997-12-01T00:00:00.000Z") === true,
  "all three stores now answer as of 1997-12-01",
);

await stopPlatform();
isDone = true;
heading("Done");
say(`Look around yourself:  npx --no-install steward groups --state ${STATE}`);

function refresh(options: readonly string[]): Report {
  const parts = ["refresh", "customer-purchases", ...options, "--json"];
  const report = JSON.parse(shown(parts, false)) as Report;
  const { read, setAside, planned, written } = report.counts;
  say(
    `  ${report.outcome}: ${read} rows read, ${setAside} set aside, ${planned} records planned, ${written} written to each store`,
  );
  return report;
}

/** Prints the command as a person would type it, runs it, and gives what it printed. */
function shown(parts: readonly string[], print = true): string {
  say(`$ steward ${parts.join(" ")}`);
  const { stdout, stderr, status } = steward(parts);
  if (status !== 0) fail(stderr.trim());
  if (print && parts[0] === "get") say(`  ${stdout.trim()}`);
  return stdout.trimEnd();
}

function steward(parts: readonly string[]) {
  return spawnSync(process.execPath, [MAIN, ...parts, "--state", STATE, "--quiet"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
}

/** `steward up` beside this script, so that every command finds the servers running. */
async function startPlatform(): Promise<ChildProcess> {
  say(`$ steward up --state ${STATE} &`);
  const child = spawn(process.execPath, [MAIN, "up", "--state", STATE], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the platform did not come up")), UP_MS);
    child.stdout.once("data", (text: Buffer) => {
      clearTimeout(timer);
      say(text.toString().trimEnd().replace(/^/gm, "  "));
      resolve();
    });
    child.once("exit", () =>
      reject(new Error("the platform did not start: `steward doctor` says what is missing")),
    );
  }).catch((error: unknown) => fail(error instanceof Error ? error.message : "no reason given"));
  return child;
}

async function stopPlatform(): Promise<void> {
  const ended = new Promise((resolve) => platform.once("exit", resolve));
  platform.kill("SIGTERM");
  await ended;
}

/** A thousand purchases of autumn 1997; three rows break a rule. */
function autumnPurchases(): string {
  const rows = Array.from({ length: 1_000 }, (_, index) => {
    const customer = String(1 + (index % 500)).padStart(5, "0");
    return `${customer},1997-11-${String(1 + (index % 28)).padStart(2, "0")},${1 + (index % 3)},${(9.99 + (index % 7)).toFixed(2)}`;
  });
  rows[99] = "00100,1997-1-7,1,9.99";
  rows[499] = ",1997-11-07,1,9.99";
  rows[899] = "00400,1997-11-07,1,3.999";
  return `customer_id,date,quantity,amount\n${rows.join("\n")}\n`;
}

function check(isTrue: boolean, claim: string): void {
  if (!isTrue) fail(`this should hold, and does not: ${claim}`);
  say(`  ✓ ${claim}`);
}

function heading(text: string): void {
  say(`\n${text}`);
}

function say(text: string): void {
  console.log(text);
}

function fail(reason: string): never {
  console.error(`demo: ${reason}`);
  process.exit(1);
}
