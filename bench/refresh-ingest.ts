// How long a refresh takes from CSV to staged Parquet, set-aside rows included, beside two floors in the same run: a bare
// typed read_csv copied to Parquet and, over that and copied to Parquet, (a) the aggregation alone, (b) the same statement
// as the refresh, which also gives each record its hot-store tag (an HMAC) and sorts by it. (b) is the bar (decision 0021).
// node bench/refresh-ingest.ts [--events 10000000] [--customers 1000000] [--pairs 3] [--memory 2GB]

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDbBatchEngine, FolderObjectStore, HmacPseudonymiser, SystemTimer } from "@steward/adapters";
import { quoteText, refreshSql, toEpochMs } from "@steward/core";
import { customerPurchases } from "../features/customer-purchases.ts";
import { sortedSql } from "../packages/adapters/src/duckdb/offline-layout.ts";
import { median } from "./support/median.ts";
import { writePurchaseCsv } from "./support/purchase-csv.ts";

const SEED = 20_261_123;
const BAD_EVERY = 1_000;
const AS_OF = toEpochMs(Date.UTC(1998, 6, 1));
const ARRIVED_AT = toEpochMs(Date.UTC(2026, 0, 1));
const PSEUDONYMISER = new HmacPseudonymiser(new Uint8Array(32).fill(7));

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "10000000" },
    customers: { type: "string", default: "1000000" },
    pairs: { type: "string", default: "3" },
    memory: { type: "string", default: "2GB" },
  },
});

const folder = await mkdtemp(join(tmpdir(), "steward-bench-"));
try {
  const csv = join(folder, "purchases.csv");
  const events = Number(values.events);
  writePurchaseCsv(csv, { events, customers: Number(values.customers), badEvery: BAD_EVERY, seed: SEED });
  console.log(`${events} events of ${values.customers} customers, one in ${BAD_EVERY} to be set aside`);
  const bare: Ratio[] = [];
  const whole: Ratio[] = [];
  for (let pair = 1; pair <= Number(values.pairs); pair++) {
    const floor = await runFloor(csv);
    const steward = await runSteward(csv);
    const toBare = ratio(steward.total, sum(floor.copy, floor.select));
    const toWhole = ratio(steward.total, sum(floor.copy, floor.ordered));
    bare.push(toBare);
    whole.push(toWhole);
    console.log(
      `${pair}. floor: copy ${said(floor.copy)}, select ${said(floor.select)}, same statement ${said(floor.ordered)}\n` +
        `   steward ${said(steward.total)}: append ${said(steward.append)}, compute ${said(steward.compute)}` +
        `; before that inspect ${said(steward.inspect)}\n` +
        `   ratio to (a) ${saidRatio(toBare)}; to (b) ${saidRatio(toWhole)}`,
    );
  }
  console.log(`median ratio to (a) copy and aggregation alone: ${saidRatio(medians(bare))}`);
  console.log(
    `median ratio to (b) copy and the same statement: ${saidRatio(medians(whole))} (wanted: at most 1.50)`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function runFloor(csv: string) {
  const scratch = await mkdtemp(join(folder, "floor-"));
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: values.memory,
    temp_directory: join(scratch, "spill"),
  });
  const connection = await instance.connect();
  const events = join(scratch, "events.parquet");
  const [copy] = await timed(() =>
    connection.run(`COPY (SELECT * FROM read_csv(${quoteText(csv)}, header = true, auto_detect = false, delim = ',',
      quote = '"', escape = '"', store_rejects = true,
      columns = {'customer_id': 'VARCHAR', 'date': 'TIMESTAMP', 'quantity': 'BIGINT', 'amount': 'DECIMAL(12, 2)'}))
      TO ${quoteText(events)} (FORMAT parquet)`),
  );
  await connection.run(`CREATE VIEW events AS SELECT * FROM read_parquet(${quoteText(events)})`);
  const records = quoteText(join(scratch, "records.parquet"));
  const sql = refreshSql(customerPurchases, AS_OF);
  const [select] = await timed(() => connection.run(`COPY (${sql}) TO ${records} (FORMAT parquet)`));
  const sorted = sortedSql(PSEUDONYMISER, customerPurchases, `(${sql})`);
  const [ordered] = await timed(() => connection.run(`COPY (${sorted}) TO ${records} (FORMAT parquet)`));
  connection.closeSync();
  instance.closeSync();
  await rm(scratch, { recursive: true });
  return { copy, select, ordered };
}

async function runSteward(csv: string) {
  const root = await mkdtemp(join(folder, "steward-"));
  const engine = new DuckDbBatchEngine({
    objects: new FolderObjectStore({ root: join(root, "objects"), timer: new SystemTimer() }),
    pseudonymiser: PSEUDONYMISER,
    scratch: join(root, "scratch"),
    memoryLimit: values.memory,
  });
  const subjectColumns = [
    { entity: customerPurchases.entity.name, column: customerPurchases.recordIdentifier },
  ];
  const [inspect, file] = await timed(() => engine.inspect(customerPurchases.source, { name: csv }));
  const [append, appended] = await timed(() =>
    engine.append({
      source: customerPurchases.source,
      files: [file],
      arrivedAtMs: ARRIVED_AT,
      suppressions: [],
      subjectColumns,
      outputPrefix: "events/1/",
    }),
  );
  const stored = appended.flatMap(({ eventKey, name }) =>
    eventKey === undefined ? [] : [{ key: eventKey, name, sequence: 1 }],
  );
  const [compute, computed] = await timed(() =>
    engine.compute({
      group: customerPurchases,
      asOfMs: AS_OF,
      writeTimeMs: ARRIVED_AT,
      events: stored,
      suppressions: [],
      outputPrefix: "offline/1/",
      rowsPerFile: 1_000_000,
      rowsPerRowGroup: 100_000,
    }),
  );
  const setAside = appended.reduce((total, one) => total + one.setAsideCount, 0);
  if (setAside !== Math.floor(Number(values.events) / BAD_EVERY) || computed.recordCount === 0) {
    throw new Error(
      `not the work that was asked for: ${setAside} rows set aside, ${computed.recordCount} records`,
    );
  }
  await rm(root, { recursive: true });
  return { inspect, append, compute, total: sum(append, compute) };
}

interface Cost {
  readonly seconds: number;
  /** Of all threads: what other work on the machine disturbs least. */
  readonly cpuSeconds: number;
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [Cost, T]> {
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(cpuStart);
  return [{ seconds: (performance.now() - start) / 1_000, cpuSeconds: (user + system) / 1_000_000 }, result];
}

function sum(...costs: readonly Cost[]): Cost {
  return {
    seconds: costs.reduce((total, { seconds }) => total + seconds, 0),
    cpuSeconds: costs.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0),
  };
}

interface Ratio {
  readonly ofTime: number;
  readonly ofCpuTime: number;
}

function ratio(one: Cost, other: Cost): Ratio {
  return { ofTime: one.seconds / other.seconds, ofCpuTime: one.cpuSeconds / other.cpuSeconds };
}

function medians(ratios: readonly Ratio[]): Ratio {
  return {
    ofTime: median(ratios.map(({ ofTime }) => ofTime)),
    ofCpuTime: median(ratios.map(({ ofCpuTime }) => ofCpuTime)),
  };
}

function saidRatio({ ofTime, ofCpuTime }: Ratio): string {
  return `${ofTime.toFixed(2)} of time, ${ofCpuTime.toFixed(2)} of processor time`;
}

function said({ seconds, cpuSeconds }: Cost): string {
  return `${seconds.toFixed(2)} s (cpu ${cpuSeconds.toFixed(2)} s)`;
}
