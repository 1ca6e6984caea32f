// How fast a rebuild fills one Redis from Parquet: plan, drain and compare timed apart, the drain beside plain
// pipelined SET by the same client on the same server, values of equal size; and whether memory grows with the records.
// node bench/rebuild.ts [--rounds 3] [--memory 512MB] [--workers 1]

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { customerPurchases } from "@steward/features";
import { openPlatform, stopServices } from "@steward/local";
import { putOfflineRecords } from "./support/offline-records.ts";

const SMALL = 100_000;
const LARGE = 1_000_000;
const PROCESS = join(import.meta.dirname, "support/rebuild-process.ts");

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    memory: { type: "string", default: "512MB" },
    workers: { type: "string", default: "1" },
  },
});
const drains: number[] = [];
const workerGrowth: number[] = [];
const planners: number[] = [];
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const small = await measure(SMALL);
  const large = await measure(LARGE);
  drains.push(large.drainPerSecond / large.plainPerSecond);
  workerGrowth.push(large.workerMegabytes / small.workerMegabytes);
  planners.push(large.plannerMegabytes);
  console.log(`${round}. ${SMALL} records: ${said(small)}\n   ${LARGE} records: ${said(large)}`);
}
console.log(
  `drain over plain SET, median: ${median(drains).toFixed(2)} (bar: at least 0.80)\n` +
    `worker's memory at 10^6 over that at 10^5, median: ${median(workerGrowth).toFixed(2)} (bar: at most 1.20)\n` +
    `planner's memory at 10^6 under a limit of ${values.memory} for DuckDB, median: ${median(planners).toFixed(0)} MB`,
);

interface Figures {
  readonly planSeconds: number;
  readonly drainPerSecond: number;
  readonly compareSeconds: number;
  /** Mean of a run before the rebuild and one after it. */
  readonly plainPerSecond: number;
  readonly valueBytes: number;
  readonly workerMegabytes: number;
  readonly plannerMegabytes: number;
}

/** One rebuild into an empty hot store on a platform of its own; planner and worker are processes of their own. */
async function measure(records: number): Promise<Figures> {
  const stateDir = mkdtempSync(join(tmpdir(), "steward-bench-"));
  const platform = await openPlatform({ stateDir, groups: [customerPurchases] });
  try {
    const valueBytes = await putOfflineRecords(platform, customerPurchases, records, stateDir);
    const before = await plainPerSecond(stateDir, records, valueBytes);
    const planner = await startProcess(stateDir);
    const workers = await Promise.all(
      Array.from({ length: Number(values.workers) }, () => startProcess(stateDir)),
    );
    for (const worker of workers) await worker.ask("work");
    const { planSeconds, drainSeconds, compareSeconds } = await planner.ask<RebuildTimes>(
      `rebuild ${records}`,
    );
    const [plannerMemory, ...workerMemory] = await Promise.all(
      [planner, ...workers].map((process) => process.ask<Memory>("memory")),
    );
    await Promise.all([planner, ...workers].map((process) => process.stop()));
    const after = await plainPerSecond(stateDir, records, valueBytes);
    return {
      planSeconds,
      drainPerSecond: records / drainSeconds,
      compareSeconds,
      plainPerSecond: (before + after) / 2,
      valueBytes,
      workerMegabytes: Math.max(...workerMemory.map(({ megabytes }) => megabytes)),
      plannerMegabytes: plannerMemory?.megabytes ?? Number.NaN,
    };
  } finally {
    await platform.close();
    await stopServices(stateDir, true);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

interface RebuildTimes {
  readonly planSeconds: number;
  readonly drainSeconds: number;
  readonly compareSeconds: number;
}

interface Memory {
  readonly megabytes: number;
}

async function plainPerSecond(stateDir: string, records: number, valueBytes: number): Promise<number> {
  const writer = await startProcess(stateDir);
  const { perSecond } = await writer.ask<{ readonly perSecond: number }>(`plain ${records} ${valueBytes}`);
  await writer.stop();
  return perSecond;
}

interface Process {
  ask<T>(question: string): Promise<T>;
  stop(): Promise<void>;
}

async function startProcess(stateDir: string): Promise<Process> {
  const child: ChildProcess = spawn(process.execPath, [PROCESS, stateDir, values.memory], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("the process has no output");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error("the process ended early");
    return line.value;
  };
  await answer();
  return {
    async ask(question) {
      child.stdin?.write(`${question}\n`);
      return JSON.parse(await answer());
    },
    async stop() {
      const ended = once(child, "exit");
      child.stdin?.end();
      await ended;
    },
  };
}

function said(figures: Figures): string {
  const { planSeconds, drainPerSecond, compareSeconds, plainPerSecond, valueBytes } = figures;
  return (
    `plan ${planSeconds.toFixed(2)} s, drain ${Math.round(drainPerSecond)} records/s, compare ${compareSeconds.toFixed(2)} s; ` +
    `plain SET of ${valueBytes} bytes ${Math.round(plainPerSecond)} records/s (ratio ${(drainPerSecond / plainPerSecond).toFixed(2)}); ` +
    `memory: worker ${figures.workerMegabytes.toFixed(0)} MB, planner ${figures.plannerMegabytes.toFixed(0)} MB`
  );
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
