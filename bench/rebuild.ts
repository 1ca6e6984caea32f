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
import { median } from "./support/median.ts";
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
const toPlain: number[] = [];
const toEncoded: number[] = [];
const workerGrowth: number[] = [];
const planners: number[] = [];
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const small = await measure(SMALL);
  const large = await measure(LARGE);
  toPlain.push(large.drainPerSecond / large.plain.perSecond);
  toEncoded.push(large.drainPerSecond / large.encoded.perSecond);
  workerGrowth.push(large.workerMegabytes / small.workerMegabytes);
  planners.push(large.plannerMegabytes);
  console.log(`${round}. ${SMALL} records: ${said(small)}\n   ${LARGE} records: ${said(large)}`);
}
console.log(
  `drain over plain SET at 10^6, medians: ${median(toPlain).toFixed(2)} of ready-made bytes (bar: at least 0.80), ` +
    `${median(toEncoded).toFixed(2)} with pseudonym and encoding\n` +
    `worker's memory at 10^6 over that at 10^5, median: ${median(workerGrowth).toFixed(2)} (bar: at most 1.20)\n` +
    `planner's memory at 10^6 under a limit of ${values.memory} for DuckDB, median: ${median(planners).toFixed(0)} MB`,
);

interface Figures {
  readonly planSeconds: number;
  readonly drainPerSecond: number;
  readonly compareSeconds: number;
  /** Of the workers, a record: what other work on the machine disturbs least. */
  readonly drainMicros: number;
  /** Plain SET of ready-made bytes; as `encoded`, the mean of a run before the rebuild and one after it. */
  readonly plain: PlainSpeed;
  /** The same, but of records that become pseudonyms, keys and bytes while they are written. */
  readonly encoded: PlainSpeed;
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
    const plainly = [`plain ${records} ${valueBytes}`, `encoded ${records}`];
    const before = await writePlain(stateDir, plainly);
    const planner = await startProcess(stateDir);
    const workers = await Promise.all(
      Array.from({ length: Number(values.workers) }, () => startProcess(stateDir)),
    );
    for (const worker of workers) await worker.ask("work");
    const begun = await cpuSecondsOf(workers);
    const { planSeconds, drainSeconds, compareSeconds } = await planner.ask<RebuildTimes>(
      `rebuild ${records}`,
    );
    const [plannerUsage, ...workerUsage] = await Promise.all(
      [planner, ...workers].map((process) => process.ask<Usage>("usage")),
    );
    const cpuSeconds = workerUsage.reduce((sum, usage) => sum + usage.cpuSeconds, -begun);
    await Promise.all([planner, ...workers].map((process) => process.stop()));
    const after = await writePlain(stateDir, plainly);
    return {
      planSeconds,
      drainPerSecond: records / drainSeconds,
      drainMicros: (cpuSeconds * 1_000_000) / records,
      compareSeconds,
      plain: meanOf(before[0], after[0]),
      encoded: meanOf(before[1], after[1]),
      valueBytes,
      workerMegabytes: Math.max(...workerUsage.map(({ megabytes }) => megabytes)),
      plannerMegabytes: plannerUsage?.megabytes ?? Number.NaN,
    };
  } finally {
    await platform.close();
    await stopServices(stateDir, true);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function cpuSecondsOf(processes: readonly Process[]): Promise<number> {
  const usages = await Promise.all(processes.map((process) => process.ask<Usage>("usage")));
  return usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

interface RebuildTimes {
  readonly planSeconds: number;
  readonly drainSeconds: number;
  readonly compareSeconds: number;
}

interface Usage {
  readonly megabytes: number;
  readonly cpuSeconds: number;
}

interface PlainSpeed {
  readonly perSecond: number;
  readonly microsPerRecord: number;
}

async function writePlain(stateDir: string, questions: readonly string[]): Promise<readonly PlainSpeed[]> {
  const speeds: PlainSpeed[] = [];
  for (const question of questions) {
    const writer = await startProcess(stateDir);
    speeds.push(await writer.ask<PlainSpeed>(question));
    await writer.stop();
  }
  return speeds;
}

function meanOf(...speeds: readonly (PlainSpeed | undefined)[]): PlainSpeed {
  const mean = (of: keyof PlainSpeed): number =>
    speeds.reduce((sum, speed) => sum + (speed?.[of] ?? Number.NaN), 0) / speeds.length;
  return { perSecond: mean("perSecond"), microsPerRecord: mean("microsPerRecord") };
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
  const { planSeconds, drainPerSecond, drainMicros, compareSeconds, valueBytes, plain, encoded } = figures;
  const beside = ({ perSecond, microsPerRecord }: PlainSpeed): string =>
    `${Math.round(perSecond)} records/s (ratio ${(drainPerSecond / perSecond).toFixed(2)}), ${microsPerRecord.toFixed(1)} µs`;
  return (
    `plan ${planSeconds.toFixed(2)} s, compare ${compareSeconds.toFixed(2)} s; ` +
    `drain ${Math.round(drainPerSecond)} records/s, ${drainMicros.toFixed(1)} µs of processor a record; ` +
    `plain SET of ${valueBytes} ready-made bytes ${beside(plain)}; with pseudonym and encoding ${beside(encoded)}; ` +
    `memory: worker ${figures.workerMegabytes.toFixed(0)} MB, planner ${figures.plannerMegabytes.toFixed(0)} MB`
  );
}
