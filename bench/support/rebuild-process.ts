// A process of the rebuild's benchmark on a state folder. It does what it is told, a line each, and answers each line with
// one of JSON: `work` (drain the chunk queue from now on), `rebuild N` (run one, and time its parts), `plain N BYTES` and
// `encoded N` (write as many values by plain pipelined SET, ready made or made meanwhile), `usage` (the most
// memory that it had, and its processor time).
// Arguments: state folder, memory limit.

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { type RebuildReport, startRebuild } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { openPlatform } from "@steward/local";
import { Redis } from "ioredis";
import { valueKey } from "../../packages/adapters/src/hot/hot-key.ts";
import { hotValueCodec } from "../../packages/adapters/src/hot/hot-value.ts";
import { MAX_VALUE_BYTES, sampleRecords } from "./offline-records.ts";

const SETS_A_PIPELINE = 100;
const PIPELINES_UNDER_WAY = 24;

const [stateDir = "", memoryLimit = ""] = process.argv.slice(2);
const entered = new Map<string, number>();
const platform = await openPlatform({
  stateDir,
  memoryLimit,
  groups: [customerPurchases],
  onState: (_machine, _execution, state) => {
    if (!entered.has(state)) entered.set(state, performance.now());
  },
});
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [word = "", number, ...more] = line.split(" ");
  console.log(JSON.stringify(await answer(word, Number(number), more)));
}
await platform.close();

async function answer(word: string, records: number, more: readonly string[]): Promise<object> {
  switch (word) {
    case "work":
      platform.startWorkers();
      return {};
    case "rebuild":
      return rebuild(records);
    case "plain":
      return writeReadyMade(records, Number(more[0]));
    case "encoded":
      return writeEncoded(records);
    default:
      return { megabytes: process.resourceUsage().maxRSS / 1_024, cpuSeconds: cpuSeconds() };
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

async function rebuild(records: number): Promise<object> {
  const run = await platform.settled(
    await startRebuild(platform.ports, {
      group: customerPurchases.name,
      asOfMs: undefined,
      targets: ["hot"],
    }),
  );
  const report = run.report as unknown as RebuildReport; // core wrote it
  if (run.status !== "succeeded" || report.counts.written !== records)
    throw new Error(
      `${records} records should have been rebuilt: ${JSON.stringify(run.error ?? report.counts)}`,
    );
  const secondsBetween = (from: string, to: string): number =>
    ((entered.get(to) ?? Number.NaN) - (entered.get(from) ?? Number.NaN)) / 1_000;
  return {
    planSeconds: secondsBetween("Plan rebuild", "Enqueue chunks"),
    drainSeconds: secondsBetween("Enqueue chunks", "Verify rebuild"),
    compareSeconds: secondsBetween("Verify rebuild", "Finish run"),
  };
}

interface PlainWrite {
  readonly key: string;
  readonly value: Buffer;
}

/** Keys as long as a value's and bytes as many, ready before the clock starts. */
function writeReadyMade(records: number, valueBytes: number): Promise<object> {
  const value = Buffer.alloc(valueBytes, 1);
  const writes = Array.from({ length: records }, (_, index) => {
    const digest = createHash("sha256").update(String(index)).digest("hex");
    return { key: valueKey(customerPurchases.owner, digest, customerPurchases.name), value };
  });
  return writePlain(
    writes.sort((left, right) => (left.key < right.key ? -1 : 1)),
    (write) => write,
  );
}

/** Records that lie in memory become pseudonyms, keys and values while the clock runs, as in a rebuild without its reading. */
async function writeEncoded(records: number): Promise<object> {
  const { pseudonymiser } = platform.ports;
  const codec = hotValueCodec(customerPurchases);
  const scratch = Buffer.alloc(MAX_VALUE_BYTES);
  const sample = await sampleRecords(platform, customerPurchases);
  const inMemory = Array.from({ length: records }, (_, index) => ({
    ...(sample[index % sample.length] ?? fail()),
    recordId: String(index).padStart(8, "0"),
  }));
  return writePlain(inMemory, (record) => {
    const pseudonym = pseudonymiser.pseudonym(customerPurchases.entity.name, record.recordId);
    return {
      key: valueKey(customerPurchases.owner, pseudonym, customerPurchases.name),
      value: Buffer.from(scratch.subarray(0, codec.encodeInto(record, scratch, 0))),
    };
  });
}

/** As many calls under way as a worker has. Empties Redis before and after. */
async function writePlain<T>(items: readonly T[], toWrite: (item: T) => PlainWrite): Promise<object> {
  const client = new Redis(platform.services.redis.url);
  await client.flushall();
  const start = performance.now();
  const cpuStart = cpuSeconds();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const pipeline = client.pipeline();
      const batch = items.slice(next, next + SETS_A_PIPELINE);
      next += batch.length;
      for (const item of batch) {
        const { key, value } = toWrite(item);
        pipeline.set(key, value);
      }
      const replies = await pipeline.exec();
      if (replies?.some(([error]) => error !== null) !== false) throw new Error("a plain write failed");
    }
  };
  await Promise.all(Array.from({ length: PIPELINES_UNDER_WAY }, lane));
  const perSecond = (items.length * 1_000) / (performance.now() - start);
  const microsPerRecord = ((cpuSeconds() - cpuStart) * 1_000_000) / items.length;
  await client.flushall();
  client.disconnect();
  return { perSecond, microsPerRecord };
}

function fail(): never {
  throw new Error("the offline file holds no record");
}
