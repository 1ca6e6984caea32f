// A process of the rebuild's benchmark on a state folder. It does what it is told, a line each, and answers each line with
// one of JSON: `work` (drain the chunk queue from now on), `rebuild N` (run one, and time its parts), `plain N BYTES` (write
// as many values by plain pipelined SET; empties Redis before and after), `memory` (the most that it had).
// Arguments: state folder, memory limit.

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { type RebuildReport, startRebuild } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { openPlatform } from "@steward/local";
import { Redis } from "ioredis";

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
      return writePlain(records, Number(more[0]));
    default:
      return { megabytes: process.resourceUsage().maxRSS / 1_024 };
  }
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

/** Keys as long as a value's, in the order of their tags, ready before the clock starts; as many calls under way as a worker's. */
async function writePlain(records: number, valueBytes: number): Promise<{ readonly perSecond: number }> {
  const client = new Redis(platform.services.redis.url);
  await client.flushall();
  const value = Buffer.alloc(valueBytes, 1);
  const keys = Array.from({ length: records }, (_, index) => {
    const digest = createHash("sha256").update(String(index)).digest("hex");
    return `${customerPurchases.owner}:f:{${digest.slice(0, 3)}}${digest.slice(3)}:${customerPurchases.name}`;
  }).sort();
  const start = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < records) {
      const pipeline = client.pipeline();
      const end = Math.min(records, next + SETS_A_PIPELINE);
      for (; next < end; next += 1) pipeline.set(keys[next] ?? "", value);
      const replies = await pipeline.exec();
      if (replies?.some(([error]) => error !== null) !== false) throw new Error("a plain write failed");
    }
  };
  await Promise.all(Array.from({ length: PIPELINES_UNDER_WAY }, lane));
  const perSecond = (records * 1_000) / (performance.now() - start);
  await client.flushall();
  client.disconnect();
  return { perSecond };
}
