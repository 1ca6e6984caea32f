// Measures fenced hot writes beside plain pipelined SET with TTL: same client library, same values, same number in flight.
// The plain side makes its keys and bytes while it is timed, as the fenced side does; a third side has them ready made.

import { createHash } from "node:crypto";
import { RedisConnection, RedisHotStore } from "@steward/adapters";
import {
  count,
  decimal,
  type EpochMs,
  entity,
  featureGroup,
  instant,
  integer,
  type KeyedRecord,
  latest,
  max,
  mean,
  min,
  source,
  sum,
  text,
  toEpochMs,
} from "@steward/core";
import type { Cluster, Redis } from "ioredis";
import { valueKey } from "../packages/adapters/src/hot/hot-key.ts";
import { hotValueCodec } from "../packages/adapters/src/hot/hot-value.ts";
import { valueLife } from "../packages/adapters/src/hot/value-life.ts";
import { plainClient, startRedis, startRedisCluster } from "../test/support/redis.ts";
import { median } from "./support/median.ts";

export interface HotWritesFigure {
  readonly setting: "one server" | "three-node cluster";
  /** Medians over the rounds. */
  readonly fencedPerSecond: number;
  readonly plainPerSecond: number;
  readonly readyMadePerSecond: number;
  /** Median of the rounds' ratios, fenced over plain: at least 1 is the bar. */
  readonly ratio: number;
  /** The same over plain writes that neither encode nor make keys while they are timed. */
  readonly ratioToReadyMade: number;
  readonly rounds: number;
}

type Side = "fenced" | "plain" | "readyMade";

interface PlainWrite {
  readonly key: string;
  readonly value: Buffer;
  readonly lifeMs: number;
}

const TAG_HEX_DIGITS = 3;
const TAGS = 200;
const RECORDS_A_BATCH = 100;
const RECORDS = TAGS * RECORDS_A_BATCH;
const ROUNDS = 21;
const WARM_UP_ROUNDS = 4;
const ORDERS: readonly (readonly Side[])[] = [
  ["fenced", "plain", "readyMade"],
  ["plain", "readyMade", "fenced"],
  ["readyMade", "fenced", "plain"],
];
const MAX_VALUE_BYTES = 1_024;
const BATCHES_UNDER_WAY = 24;
const TTL = "30 days";
const NOW_MS = toEpochMs(1_767_225_600_000);

const group = featureGroup("bench-orders", {
  entity: entity("customer", { key: "customer_id" }),
  source: source("purchases", {
    columns: { customer_id: text(), date: instant(), quantity: integer(), amount: decimal(10, 2) },
    eventTime: "date",
  }),
  owner: "bench",
  ttl: TTL,
  features: {
    avg_order_value_90d: mean("amount").over("90 days"),
    items_90d: sum("quantity").over("90 days"),
    last_ordered_at: latest("date"),
    max_order_value_90d: max("amount").over("90 days"),
    min_order_value_90d: min("amount").over("90 days"),
    orders_30d: count().over("30 days"),
    orders_7d: count().over("7 days"),
    orders_90d: count().over("90 days"),
    spend_30d: sum("amount").over("30 days"),
    spend_90d: sum("amount").over("90 days"),
  },
});
const codec = hotValueCodec(group);
const life = valueLife(group.name, group.ttlMs ?? 0);

/** Both settings, each with both sides in interleaved rounds of one run. */
export async function benchHotWrites(): Promise<readonly HotWritesFigure[]> {
  const figures: HotWritesFigure[] = [];
  const server = await startRedis();
  try {
    figures.push(await measure("one server", [server.url]));
  } finally {
    await server.stop();
  }
  const cluster = await startRedisCluster();
  try {
    figures.push(await measure("three-node cluster", cluster.urls));
  } finally {
    await cluster.stop();
  }
  return figures;
}

async function measure(
  setting: HotWritesFigure["setting"],
  urls: readonly string[],
): Promise<HotWritesFigure> {
  const [first = ""] = urls;
  const connection = new RedisConnection(
    urls.length === 1 ? { kind: "server", url: first } : { kind: "cluster", urls },
  );
  const store = new RedisHotStore(connection);
  const plain = plainClient(urls);
  const times: Record<Side, number[]> = { fenced: [], plain: [], readyMade: [] };
  try {
    for (let tag = 0; tag < TAGS; tag += 1) await store.applyFences(group.owner, tagName(tag), [], []);
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      // Each side has keys of its own, and each round is newer than the one before, so that all of it is written.
      const records = makeRecords(toEpochMs(NOW_MS - 1_000_000 + round));
      const readyMade = records.map((keyed) => toPlainWrite(keyed, "bench-ready0"));
      const sides: Record<Side, () => Promise<void>> = {
        fenced: () => writeFenced(store, records),
        plain: () => writePlain(plain, (index) => toPlainWrite(records[index], "bench-plain0")),
        readyMade: () => writePlain(plain, (index) => readyMade[index] ?? fail()),
      };
      for (const side of ORDERS[round % ORDERS.length] ?? []) {
        const elapsedMs = await timed(sides[side]);
        if (round >= WARM_UP_ROUNDS) times[side].push(elapsedMs);
      }
    }
  } finally {
    plain.disconnect();
    connection.close();
  }
  return {
    setting,
    fencedPerSecond: perSecond(times.fenced),
    plainPerSecond: perSecond(times.plain),
    readyMadePerSecond: perSecond(times.readyMade),
    ratio: medianRatio(times.plain, times.fenced),
    ratioToReadyMade: medianRatio(times.readyMade, times.fenced),
    rounds: ROUNDS,
  };
}

async function writeFenced(store: RedisHotStore, records: readonly KeyedRecord[]): Promise<void> {
  const outcomes = await store.write(group, records, NOW_MS);
  if (outcomes.some((outcome) => outcome !== "written"))
    throw new Error("a record of the bench was not written");
}

/** Pipelines of one batch, straight to the node that holds it, as many under way as the fenced side has. */
async function writePlain(client: Redis | Cluster, writeAt: (index: number) => PlainWrite): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < RECORDS) {
      const start = next;
      next += RECORDS_A_BATCH;
      const pipeline = client.pipeline();
      for (let index = start; index < start + RECORDS_A_BATCH; index += 1) {
        const { key, value, lifeMs } = writeAt(index);
        pipeline.set(key, value, "PX", lifeMs);
      }
      const replies = await pipeline.exec();
      if (replies?.length !== RECORDS_A_BATCH || replies.some(([error]) => error !== null)) {
        throw new Error("a plain write failed");
      }
    }
  };
  await Promise.all(Array.from({ length: BATCHES_UNDER_WAY }, lane));
}

const scratch = Buffer.alloc(MAX_VALUE_BYTES);

function toPlainWrite(keyed: KeyedRecord | undefined, name: string): PlainWrite {
  const { pseudonym, record } = keyed ?? fail();
  return {
    key: valueKey(group.owner, pseudonym, name),
    value: Buffer.from(scratch.subarray(0, codec.encodeInto(record, scratch, 0))),
    lifeMs: life(pseudonym, record.eventTimeMs, NOW_MS),
  };
}

function fail(): never {
  throw new Error("the bench has no such record");
}

function makeRecords(eventTimeMs: EpochMs): readonly KeyedRecord[] {
  return Array.from({ length: RECORDS }, (_, index) => makeRecord(index, eventTimeMs));
}

function makeRecord(index: number, eventTimeMs: EpochMs): KeyedRecord {
  const digest = createHash("sha256").update(String(index)).digest("hex");
  const amount = (index % 9_973) / 100;
  return {
    pseudonym: tagName(Math.floor(index / RECORDS_A_BATCH)) + digest.slice(TAG_HEX_DIGITS),
    record: {
      recordId: String(index),
      eventTimeMs,
      features: {
        avg_order_value_90d: amount / 3,
        items_90d: index % 40,
        last_ordered_at: "1997-09-30T00:00:00.000Z",
        max_order_value_90d: amount,
        min_order_value_90d: amount / 4,
        orders_30d: index % 5,
        orders_7d: index % 2,
        orders_90d: index % 9,
        spend_30d: amount,
        spend_90d: 2 * amount,
      },
    },
  };
}

/** 200 tags spread over the 4,096. */
function tagName(tag: number): string {
  return Math.floor((tag * 16 ** TAG_HEX_DIGITS) / TAGS)
    .toString(16)
    .padStart(TAG_HEX_DIGITS, "0");
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function perSecond(timesMs: readonly number[]): number {
  return Math.round((RECORDS * 1_000) / median(timesMs));
}

function medianRatio(above: readonly number[], below: readonly number[]): number {
  return median(above.map((value, index) => value / (below[index] ?? Number.NaN)));
}

if (import.meta.main) {
  for (const figure of await benchHotWrites()) {
    console.log(
      `${figure.setting}: fenced ${figure.fencedPerSecond} records/s, plain ${figure.plainPerSecond} ` +
        `(ratio ${figure.ratio.toFixed(2)}), plain with ready-made bytes ${figure.readyMadePerSecond} ` +
        `(ratio ${figure.ratioToReadyMade.toFixed(2)}); medians of ${figure.rounds} rounds`,
    );
  }
}
