// How many records a second the Feature Store emulator takes, with writes that survive SIGKILL, beside a bare Node HTTP server
// that parses the same JSON and answers 200: same client, same bytes, in turn. And how long a GetRecord takes.
// node bench/emulator.ts [--rounds 5] [--records 20000]

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { CreateFeatureGroupCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { load, toRequest } from "./support/http-load.ts";
import { median } from "./support/median.ts";

const BARE = join(import.meta.dirname, "support/bare-server.ts");
const EMULATOR = join(import.meta.dirname, "../packages/feature-store-emulator/src/main.ts");
const ENTRIES = 25;
const CONNECTIONS = 8;
const FEATURES = 12;
/** A load of batches takes as long as one of single records. */
const BATCH_RECORDS = 5;
/** Of the median that is printed, so much is wanted. */
const BAR = 0.5;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, records: { type: "string", default: "20000" } },
});
const records = Number(values.records);
const folder = mkdtempSync(join(tmpdir(), "steward-bench-"));
const startedMs = performance.now();
const emulator = await start([EMULATOR, "--port", "0", "--state", folder, "--creation-delay", "0"]);
const startMs = performance.now() - startedMs;
const bare = await start([BARE]);
try {
  const port = Number(/:(\d+)$/.exec(emulator.said)?.[1]);
  const idleMegabytes = await idleOf(emulator.child);
  await createGroup(port);
  const ratios: Record<"put" | "batch", number[]> = { put: [], batch: [] };
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const [kind, toRequests] of Object.entries({ put: puts, batch: batches }) as [
      "put" | "batch",
      (round: number) => Buffer[],
    ][]) {
      const requests = toRequests(round);
      const count = kind === "put" ? records : BATCH_RECORDS * records;
      const floor = count / (await load(Number(bare.said), requests, CONNECTIONS)).seconds;
      const subject = count / (await load(port, requests, CONNECTIONS)).seconds;
      ratios[kind].push(subject / floor);
      console.log(
        `${round}. ${kind}: ${subject.toFixed(0)} records/s, floor ${floor.toFixed(0)} (ratio ${(subject / floor).toFixed(2)})`,
      );
    }
  }
  const { latenciesMs } = await load(port, gets(), CONNECTIONS);
  const at = (share: number) => (latenciesMs[Math.floor(share * latenciesMs.length)] ?? 0).toFixed(2);
  console.log(
    `medians: PutRecord ${median(ratios.put).toFixed(2)}, BatchWriteRecord ${median(ratios.batch).toFixed(2)} of the floor (bar: at least ${BAR})\n` +
      `GetRecord over ${CONNECTIONS} connections: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n` +
      `as TypeScript: started in ${startMs.toFixed(0)} ms, ${idleMegabytes.toFixed(0)} MB resident when idle`,
  );
} finally {
  for (const { child } of [emulator, bare]) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}

async function start(args: readonly string[]): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = await once(createInterface({ input: child.stdout }), "line");
  return { child, said: String(said) };
}

async function createGroup(port: number): Promise<void> {
  const client = new SageMakerClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const numbers = Array.from({ length: FEATURES }, (_, index) => ({
    FeatureName: `feature_${index}`,
    FeatureType: "Fractional" as const,
  }));
  await client.send(
    new CreateFeatureGroupCommand({
      FeatureGroupName: "orders",
      RecordIdentifierFeatureName: "customer_id",
      EventTimeFeatureName: "event_time",
      FeatureDefinitions: [
        { FeatureName: "customer_id", FeatureType: "String" },
        { FeatureName: "event_time", FeatureType: "String" },
        ...numbers,
      ],
      OnlineStoreConfig: { EnableOnlineStore: true },
    }),
  );
  client.destroy();
}

/** New records in every round. */
function recordOf(prefix: string, index: number): object[] {
  const values = Array.from({ length: FEATURES }, (_, feature) => [
    `feature_${feature}`,
    String(index / 4 + feature),
  ]);
  const all = [["customer_id", `${prefix}-${index}`], ["event_time", "2026-01-01T00:00:00.000Z"], ...values];
  return all.map(([FeatureName, ValueAsString]) => ({ FeatureName, ValueAsString }));
}

function puts(round: number): Buffer[] {
  return Array.from({ length: records }, (_, index) =>
    toRequest("PUT", "/FeatureGroup/orders", JSON.stringify({ Record: recordOf(`p${round}`, index) })),
  );
}

function batches(round: number): Buffer[] {
  return Array.from({ length: (BATCH_RECORDS * records) / ENTRIES }, (_, batch) => {
    const Entries = Array.from({ length: ENTRIES }, (_, entry) => ({
      FeatureGroupName: "orders",
      Record: recordOf(`b${round}`, batch * ENTRIES + entry),
    }));
    return toRequest("POST", "/BatchWriteRecord", JSON.stringify({ Entries }));
  });
}

function gets(): Buffer[] {
  return Array.from({ length: records }, (_, index) =>
    toRequest(
      "GET",
      `/FeatureGroup/orders?RecordIdentifierValueAsString=p1-${(index * 7_919) % records}`,
      undefined,
    ),
  );
}

/** Three seconds after its start. */
async function idleOf({ pid }: ChildProcess): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1_024;
}
