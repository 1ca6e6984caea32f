// What an erasure has taken and a failover brings back, and what it must find that no reader sees: older versions of
// objects, under a current one without the person or under a delete marker.

import { guardHot, tagOf } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  erase,
  erasedIn,
  expectTheOthers,
  GROUP,
  holdTheDrain,
  openShop,
  PERSON,
  placesLeft,
  reportOf,
  rowsOf,
  type Shop,
  startErasure,
} from "../support/erasure-holes.ts";
import { at, makeStateDir, refresh, removeStateDir } from "../support/platform.ts";
import type { TestRedis } from "../support/redis.ts";
import { startReplica, type TestReplica } from "../support/redis-replicas.ts";
import { until } from "../support/until.ts";

const PATIENCE_MS = 120_000;

let stateDir: string;
let shop: Shop;

beforeEach(async () => {
  stateDir = makeStateDir();
  shop = await openShop(stateDir, PERSON);
});

afterEach(async () => {
  await shop.platform.close();
  await removeStateDir(stateDir);
});

describe("a failover that loses the erasure", { timeout: PATIENCE_MS }, () => {
  let replica: TestReplica;

  beforeEach(async () => {
    replica = await startReplica(masterOf(shop));
    await replica.cutOff();
  });

  afterEach(() => replica.stop());

  it("is repaired before anything is written beside the person", async () => {
    const neighbour = neighbourOf(PERSON);
    expect((await erase(shop.platform, PERSON)).outcome).toBe("certified");
    expect(await placesLeft(shop.platform, PERSON)).toEqual([]);
    await failOver(replica);
    expect(await placesLeft(shop.platform, PERSON)).toEqual(["hot"]);
    const seen: unknown[] = [];
    const { hotStore } = shop.platform.ports;
    const write = hotStore.write.bind(hotStore);
    hotStore.write = async (...given) => {
      const outcomes = await write(...given);
      if (outcomes.includes("written")) seen.push(...(await readHot(PERSON)));
      return outcomes;
    };

    const file = shop.file("neighbour.csv", [`${neighbour},2026-01-21,1,7.00`]);
    await refresh(shop.platform, GROUP, "2026-01-25", [file]);

    expect(new Set(seen)).toEqual(new Set([undefined]));
    expect(await readHot(neighbour)).toMatchObject([{ eventTimeMs: at("2026-01-25") }]);
    expect(await placesLeft(shop.platform, PERSON)).toEqual([]);
    await expectTheOthers(shop.platform, "2026-01-25T00:00:00.000Z", neighbour);
  });

  it("is repaired by whoever looks, without a write", async () => {
    expect((await erase(shop.platform, PERSON)).outcome).toBe("certified");
    await failOver(replica);
    expect(await placesLeft(shop.platform, PERSON)).toEqual(["hot"]);

    const report = await guardHot(shop.platform.ports);

    expect(report).toEqual({ tags: 2 * 4_096, named: 0 }); // of two owners
    expect(await placesLeft(shop.platform, PERSON)).toEqual([]);
  });

  it("while it is at work is repaired before it signs", async () => {
    const drained = await holdTheDrain(shop.platform);
    const erasure = await startErasure(shop.platform, PERSON);
    await until("the erasure waits", () => shop.entered.includes("erasure: Await drain"));
    expect(await readHot(PERSON)).toEqual([undefined]);
    await failOver(replica);
    expect(await readHot(PERSON)).toMatchObject([{ eventTimeMs: at("2026-01-20") }]);
    await drained();

    const erased = await shop.platform.settled(erasure);

    expect(reportOf(erased)).toMatchObject({ outcome: "certified", counts: { erased: 1 } });
    expect(shop.entered.filter((state) => state === "erasure: Hard delete")).toHaveLength(1);
    expect(await placesLeft(shop.platform, PERSON)).toEqual([]);
  });
});

describe("an older version that holds the person", { timeout: PATIENCE_MS }, () => {
  it.for(["offline/", "events/"])(
    "goes where the current one of %s does not, which stays",
    async (prefix) => {
      const { erasureFiles, objects } = shop.platform.ports;
      const file = await fileOf(prefix);
      const { path = "" } = await erasureFiles.rewrite(file, rowsOf(file.key, PERSON));
      const current = await objects.putFile(file.key, path);
      expect(await placesLeft(shop.platform, PERSON)).toContain(file.key);

      const erased = await erase(shop.platform, PERSON);

      expect(reportOf(erased).outcome).toBe("certified");
      expect(erasedIn(erased, prefix === "offline/" ? "offline" : "event table")).toBe(1);
      expect(current).toMatchObject({ kind: "stored" });
      const versionId = current.kind === "stored" ? current.object.versionId : "";
      expect(await versionsOf(file.key)).toEqual([{ versionId, isLatest: true, isDeleteMarker: false }]);
      expect(await placesLeft(shop.platform, PERSON)).toEqual([]);
    },
  );

  it.for(["offline/", "events/"])("goes from under the delete marker that hides it in %s", async (prefix) => {
    const { objects } = shop.platform.ports;
    const file = await fileOf(prefix);
    const hidden = file.key.replace(/[^/]+\.parquet$/, "replaced-since.parquet");
    await objects.copy(file.key, hidden);
    await objects.remove(hidden);
    expect(await placesLeft(shop.platform, PERSON)).toContain(hidden);

    const erased = await erase(shop.platform, PERSON);

    expect(reportOf(erased).outcome).toBe("certified");
    expect((await versionsOf(hidden)).filter(({ isDeleteMarker }) => !isDeleteMarker)).toEqual([]);
    expect(await placesLeft(shop.platform, PERSON)).toEqual([]);
    await expectTheOthers(shop.platform, "2026-01-20T00:00:00.000Z");
  });
});

/** The platform's own server, as a replica may follow it. */
function masterOf({ platform }: Shop): TestRedis {
  const { url, pid = 0 } = platform.services.redis;
  return { url, pid, port: Number(new URL(url).port), isRunning: () => true, stop: async () => {} };
}

/** The replica takes the server's place with what it has, and gives it back: the platform finds it at the same address. */
async function failOver(replica: TestReplica): Promise<void> {
  await replica.promote();
  await replica.giveBack();
}

/** A customer whose values lie beside this one's, under the same guard. */
function neighbourOf(recordId: string): string {
  const tag = tagOf(pseudonymOf(recordId));
  for (let number = 0; ; number += 1) {
    const neighbour = `neighbour-${number}`;
    if (tagOf(pseudonymOf(neighbour)) === tag) return neighbour;
  }
}

const pseudonymOf = (recordId: string): string =>
  shop.platform.ports.pseudonymiser.pseudonym("customer", recordId);

const readHot = (recordId: string) =>
  shop.platform.ports.hotStore.read(customerPurchases, [pseudonymOf(recordId)]);

async function fileOf(prefix: string) {
  const files = await shop.platform.ports.objects.list(prefix);
  const file = files.find(({ key }) => key.endsWith(".parquet"));
  if (file === undefined) throw new Error(`there is no file under ${prefix}`);
  return file;
}

async function versionsOf(key: string) {
  const versions = await shop.platform.ports.objects.listVersions(key);
  return versions.map(({ versionId, isLatest, isDeleteMarker }) => ({ versionId, isLatest, isDeleteMarker }));
}
