// What a flush, a restart or a failover takes from the hot store, and that nothing is written there before it is repaired.

import { HmacPseudonymiser, RedisConnection, RedisHotStore } from "@steward/adapters";
import {
  type EpochMs,
  entity,
  type FeatureGroup,
  fenceSubjects,
  guardHot,
  type Ledger,
  type Ports,
  suppressionPartition,
  tagOf,
  toEpochMs,
} from "@steward/core";
import { afterEach, describe, expect, it } from "vitest";
import type { RedisClient } from "../../../packages/adapters/src/hot/redis-connection.ts";
import { writeHot } from "../../../packages/core/src/writing/write-hot.ts";
import { aFeatureGroup, aRecord, aSessionGroup } from "../../support/builders.ts";
import { aLedger, DrivenTimer } from "../../support/durable-stores.ts";
import { startRedis } from "../../support/redis.ts";
import { callOn } from "../../support/redis-replicas.ts";
import {
  type Closing,
  onCluster,
  onServer,
  type RedisSetting,
  settingOf,
} from "../../support/redis-settings.ts";
import { until } from "../../support/until.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

const T = toEpochMs(2_000);
const group = aFeatureGroup();
const pseudonymiser = new HmacPseudonymiser(new Uint8Array(32).fill(7));
const ada = pseudonymiser.pseudonym("customer", "ada");

const MORE_THAN_A_SCRIPT = 700;

const closing: Closing = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe.each([
  ["one server", onServer],
  ["a cluster", (given: Closing) => onCluster(given, tagOf(ada))],
] as const)("the guards of RedisHotStore on %s", (_, start) => {
  it("let nothing be written on a replica that took over, until the fence that it missed is back", async () => {
    const { setting, ledger, path } = await aTag(await start(closing));
    await writeHot(path(), group, [keyed(ada, 1_000)], Number.POSITIVE_INFINITY);
    const replica = await setting.startReplica();
    await replica.cutOff();
    await suppress(ledger, "customer", ada);
    await fenceSubjects(path(), "customer", [ada]);
    expect(await timesOf(path())).toEqual([undefined]);

    await setting.master.stop();
    await replica.promote();
    const ports = path();

    expect(await timesOf(ports)).toEqual([1_000]);
    expect(await ports.hotStore.write(group, [keyed(ada, 1_500)], T)).toEqual(["unguarded"]);
    expect(await writeHot(ports, group, [keyed(ada, 1_500)], Number.POSITIVE_INFINITY)).toEqual([
      "suppressed",
    ]);
    expect(await timesOf(ports)).toEqual([undefined]);
    expect(await ports.hotStore.write(group, [keyed(ada, 2_000), keyed(ada, 2_001)], T)).toEqual([
      "suppressed",
      "written",
    ]);
  });

  it("let nothing be written on a master that lost its place, its last fence, and won the place back", async () => {
    const { setting, ledger, path } = await aTag(await start(closing));
    await writeHot(path(), group, [keyed(ada, 1_000)], Number.POSITIVE_INFINITY);
    const replica = await setting.startReplica();
    await replica.cutOff();
    await suppress(ledger, "customer", ada);
    await fenceSubjects(path(), "customer", [ada]);

    await replica.promote();
    await replica.giveBack();
    const ports = path();

    expect(await timesOf(ports)).toEqual([1_000]);
    expect(await ports.hotStore.write(group, [keyed(ada, 1_500)], T)).toEqual(["unguarded"]);
    expect((await guardHot(ports)).tags).toBeGreaterThan(0);
    expect(await timesOf(ports)).toEqual([undefined]);
    expect(await ports.hotStore.write(group, [keyed(ada, 1_500)], T)).toEqual(["suppressed"]);
  });

  it("betray a failover that brought a value back which only names a subject, and whoever looks removes it", async () => {
    const sessions = aSessionGroup();
    const { setting, ledger, path } = await aTag(await start(closing), [group, sessions]);
    const visit = pseudonymOfTag("session", tagOf(ada));
    const features = { customer_id: ada };
    const record = { pseudonym: visit, record: aRecord({ eventTimeMs: 1_000, features }) };
    await writeHot(path(), sessions, [record], Number.POSITIVE_INFINITY);
    await guardHot(path());
    const replica = await setting.startReplica();
    await replica.cutOff();
    await suppress(ledger, "customer", ada);
    expect(
      await path().hotStore.removeNamed(sessions, "customer_id", [{ pseudonym: ada, untilMs: T }]),
    ).toMatchObject({ removed: 1 });
    expect(await guardHot(path())).toMatchObject({ named: 0 });

    await setting.master.stop();
    await replica.promote();
    const ports = path();
    const [broughtBack] = await patiently(() => ports.hotStore.read(sessions, [visit]));

    expect(broughtBack?.features).toEqual(features);
    expect((await guardHot(ports)).named).toBe(1);
    expect(await ports.hotStore.read(sessions, [visit])).toEqual([undefined]);
    expect(await guardHot(ports)).toEqual({ tags: 0, named: 0 });
  });

  it("are set again after a flush by whoever looks, once, with every fence", async () => {
    const { setting, ledger, path } = await aTag(await start(closing));
    const ports = path();
    await suppress(ledger, "customer", ada);
    await guardHot(ports);
    await flush(setting);

    expect((await guardHot(ports)).tags).toBeGreaterThan(1_000);
    expect((await guardHot(ports)).tags).toBe(0);
    expect(await ports.hotStore.write(group, [keyed(ada, 2_000), keyed(ada, 2_001)], T)).toEqual([
      "suppressed",
      "written",
    ]);
  });

  it("wait for the replicas, and not for one that does not answer", async () => {
    const { setting, path } = await aTag(await start(closing));
    const replica = await setting.startReplica();
    const { hotStore } = path();
    const apply = async (untilMs: EpochMs): Promise<number> => {
      const startedMs = performance.now();
      await hotStore.applyFences(group.owner, tagOf(ada), [group.name], [{ pseudonym: ada, untilMs }]);
      return performance.now() - startedMs;
    };

    process.kill(replica.pid, "SIGSTOP");
    closing.push(() => process.kill(replica.pid, "SIGCONT"));
    setTimeout(() => process.kill(replica.pid, "SIGCONT"), 150);
    const whileStoppedMs = await apply(T);
    process.kill(replica.pid, "SIGSTOP");
    const unansweredMs = await apply(toEpochMs(T + 1));

    expect(whileStoppedMs).toBeGreaterThan(140);
    expect(unansweredMs).toBeGreaterThan(490);
  });
});

describe("the guards of RedisHotStore", () => {
  it.each([
    ["log", ["--appendonly", "yes", "--appendfsync", "always"]],
    ["snapshot", ["--save", "3600 1"]],
  ])("do not outlive the server that set them, though its %s brings back their keys", async (_, kept) => {
    const folder = makeTemporaryFolder();
    closing.push(() => removeFolder(folder));
    const args = ["--dir", folder, ...kept];
    const master = await startRedis({ args });
    const { ledger, path } = await aTag(settingOf(master, closing));
    await suppress(ledger, "customer", ada);
    const before = path();
    await fenceSubjects(before, "customer", [ada]);
    const incarnation = await before.hotStore.incarnation();

    await callOn(master, "SAVE");
    await master.stop();
    const again = await startRedis({ args, port: master.port });
    closing.push(again.stop);
    const after = path();

    expect(await callOn(master, "EXISTS", `growth:x:{${tagOf(ada)}}`)).toBe(1);
    expect(await after.hotStore.incarnation()).not.toBe(incarnation);
    expect(await after.hotStore.write(group, [keyed(ada, 1_500)], T)).toEqual(["unguarded"]);
  });

  it("are not set when a flush takes some of the fences while they are raised", async () => {
    const setting = await onServer(closing);
    const subjects = Array.from(
      { length: MORE_THAN_A_SCRIPT },
      (_, index) => tagOf(ada) + pseudonymiser.pseudonym("customer", `${index}`).slice(3),
    );
    class Flushed extends RedisConnection {
      #flushed = false;
      override async run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
        const result = await super.run(work);
        if (!this.#flushed) {
          this.#flushed = true;
          await flush(setting);
        }
        return result;
      }
    }
    const connection = new Flushed({ kind: "server", url: setting.master.url });
    closing.push(() => connection.close());
    const store = new RedisHotStore(connection);

    await store.applyFences(
      group.owner,
      tagOf(ada),
      [group.name],
      subjects.map((pseudonym) => ({ pseudonym, untilMs: T })),
    );

    const outcomes = await store.write(
      group,
      subjects.map((pseudonym) => keyed(pseudonym, 2_000)),
      T,
    );
    expect(new Set(outcomes)).toEqual(new Set(["suppressed"]));
  });

  it("stand for all entities of the owner: a write of one brings back the fences of the others", async () => {
    const shops = aFeatureGroup({ name: "shop-orders", entity: entity("shop", { key: "customer_id" }) });
    const shop = pseudonymOfTag("shop", tagOf(ada));
    const { setting, ledger, path } = await aTag(await onServer(closing), [group, shops]);
    const ports = path();
    await suppress(ledger, "customer", ada);
    await flush(setting);

    expect(await writeHot(ports, shops, [keyed(shop, 1_000)], Number.POSITIVE_INFINITY)).toEqual(["written"]);

    expect(await ports.hotStore.write(group, [keyed(ada, 2_000)], T)).toEqual(["suppressed"]);
  });

  it("belong to one owner each, and a subject is fenced at every owner of its entity", async () => {
    const foreign = aFeatureGroup({ owner: "risk" });
    const { ledger, path } = await aTag(await onServer(closing), [group, foreign]);
    const ports = path();
    for (const each of [group, foreign])
      await writeHot(ports, each, [keyed(ada, 1_000)], Number.POSITIVE_INFINITY);
    await suppress(ledger, "customer", ada);

    await fenceSubjects(ports, "customer", [ada]);

    for (const each of [group, foreign]) {
      expect(await ports.hotStore.read(each, [ada])).toEqual([undefined]);
      expect(await ports.hotStore.write(each, [keyed(ada, 2_000)], T)).toEqual(["suppressed"]);
    }
  });
});

/** A hot store with a ledger of its own; `path` gives the ports of the write path, on the master of the moment. */
async function aTag(setting: RedisSetting, groups: readonly FeatureGroup[] = [group]) {
  const ledger = aLedger();
  const path = (): Ports => {
    const connection = setting.connect();
    closing.push(() => connection.close());
    const ports: Partial<Ports> = {
      ledger,
      timer: new DrivenTimer(),
      clock: { now: () => T },
      hotStore: new RedisHotStore(connection),
      definitions: { get: () => group, list: () => groups },
    };
    return ports as Ports;
  };
  return { setting, ledger, path };
}

async function suppress(ledger: Ledger, entityName: string, pseudonym: string): Promise<void> {
  const partition = suppressionPartition(entityName, tagOf(pseudonym));
  await ledger.put({ partition, sort: pseudonym }, { untilMs: T, pending: null }, "absent");
}

function keyed(pseudonym: string, eventTimeMs: number) {
  return { pseudonym, record: aRecord({ eventTimeMs }) };
}

/** A cluster needs a moment until all know its new master. */
function patiently<T>(work: () => Promise<readonly T[]>): Promise<readonly T[]> {
  return until("the hot store answers", () => work().catch(() => undefined));
}

async function timesOf({ hotStore }: Ports): Promise<readonly (number | undefined)[]> {
  const values = await patiently(() => hotStore.read(group, [ada]));
  return values.map((value) => value?.eventTimeMs);
}

function pseudonymOfTag(entityName: string, tag: string): string {
  for (let index = 0; ; index += 1) {
    const pseudonym = pseudonymiser.pseudonym(entityName, String(index));
    if (tagOf(pseudonym) === tag) return pseudonym;
  }
}

async function flush({ master }: RedisSetting): Promise<void> {
  await callOn(master, "FLUSHALL");
}
