import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Pseudonym, suppressionPartition, tagOf, toEpochMs } from "@steward/core";
import { customerPurchases, customerSessions } from "@steward/features";
import type { Platform } from "@steward/local";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeStateDir, openTestPlatform, removeStateDir } from "../support/platform.ts";
import { until } from "../support/until.ts";

const T = toEpochMs(1_000_000_000_000);

let stateDir: string;
let platform: Platform;
let redis: Redis;

beforeEach(async () => {
  stateDir = makeStateDir();
  platform = await openTestPlatform(stateDir, { groups: [customerPurchases, customerSessions] });
  redis = new Redis(platform.services.redis.url);
});
afterEach(async () => {
  redis.disconnect();
  await platform.close();
  await removeStateDir(stateDir);
});

describe("the watch over the hot store", () => {
  it("fences a store that lost everything, and takes out what it still holds of the suppressed, without a write", async () => {
    const { ports } = platform;
    const ada = ports.pseudonymiser.pseudonym("customer", "ada");
    const visit = ports.pseudonymiser.pseudonym("session", "s1");
    await writeRaw(ada, visit);
    await suppress(ada);

    platform.startHotWatch();

    const fences = `growth:x:{${tagOf(ada)}}`;
    await until("the fence stands", async () => (await redis.hexists(fences, ada.slice(3))) === 1);
    await until("the session is gone", async () => (await read(customerSessions, visit)) === undefined);
    expect(await read(customerPurchases, ada)).toBeUndefined();
    await until("the watch says what it did", () => logLines().length > 0);
    expect(logLines()).toMatchObject([
      { level: "info", message: "guarded the hot store", tags: 4_096, named: 1 },
    ]);
    expect(JSON.stringify(logLines())).not.toContain(ada.slice(3, 20));
  });
});

/** As a failover would bring them back: a purchase record of the customer, and a session that names them. */
async function writeRaw(ada: Pseudonym, visit: Pseudonym): Promise<void> {
  const { hotStore } = platform.ports;
  for (const tag of new Set([tagOf(ada), tagOf(visit)])) await hotStore.applyFences("growth", tag, [], []);
  const record = (features: Record<string, string | number>) => ({
    recordId: "any",
    eventTimeMs: T,
    features,
  });
  await hotStore.write(customerPurchases, [{ pseudonym: ada, record: record({ orders_7d: 1 }) }], T);
  await hotStore.write(customerSessions, [{ pseudonym: visit, record: record({ customer_id: ada }) }], T);
  expect(await read(customerSessions, visit)).toBeDefined();
  await redis.del(...(await redis.keys("growth:x:*")));
}

async function suppress(pseudonym: Pseudonym): Promise<void> {
  await platform.ports.ledger.put(
    { partition: suppressionPartition("customer", tagOf(pseudonym)), sort: pseudonym },
    { untilMs: T, pending: null },
    "absent",
  );
}

async function read(group: typeof customerPurchases | typeof customerSessions, pseudonym: Pseudonym) {
  return (await platform.ports.hotStore.read(group, [pseudonym]))[0];
}

function logLines(): readonly Record<string, unknown>[] {
  const file = join(stateDir, "log.jsonl");
  return (existsSync(file) ? readFileSync(file, "utf8") : "")
    .split("\n")
    .filter((line) => line.includes("hot store"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
