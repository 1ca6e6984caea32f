import {
  type Definitions,
  expireHistory,
  type FeatureGroup,
  GroupList,
  instant,
  source,
  text,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { commitEvents, readEventTable } from "../../../packages/core/src/ledger/event-table.ts";
import { findOfflineFiles, putManifest } from "../../../packages/core/src/ledger/offline-manifest.ts";
import { aFeatureGroup } from "../../support/builders.ts";
import { aLedger, anObjectStore } from "../../support/durable-stores.ts";
import { at } from "../../support/platform.ts";

const PREFIX = "offline/customer-orders-1/";
const fileAt = (day: string, hour: string, name: string) => {
  const [year, month, date] = day.split("-");
  return `${PREFIX}data/year=${year}/month=${month}/day=${date}/hour=${hour}/${name}.parquet`;
};
const AWS_NAME = "20260101T080000Z_abcdefghijklmnop";

async function aWorld(group: FeatureGroup) {
  const objects = anObjectStore();
  const ledger = aLedger();
  const definitions: Definitions = new GroupList([group]);
  await ledger.put(
    { partition: "groups", sort: group.name },
    { offlineUri: `s3://bucket/${PREFIX}data`, schema: "s", owner: group.owner, entity: group.entity.name },
    "absent",
  );
  const publish = async (runId: string, ...keys: readonly string[]) => {
    for (const key of keys) await objects.put(key, new Uint8Array([1]));
    const files = keys.map((key) => ({ key, rowCount: 1 }));
    await putManifest(objects, PREFIX, { runId, attempt: 1, cancelled: false, files });
  };
  const lookAt = (now: string) =>
    expireHistory({ clock: { now: () => at(now) }, definitions, ledger, objects });
  const named = async () => (await findOfflineFiles(objects, PREFIX)).map(({ key }) => key);
  const there = async () => [
    ...new Set((await objects.listVersions(`${PREFIX}data/`)).map(({ key }) => key)),
  ];
  return { objects, publish, lookAt, named, there };
}

describe("expireHistory", () => {
  const OLD = fileAt("2026-01-01", "08", "run-1-1-00000");
  const YOUNG = fileAt("2026-01-01", "09", "run-2-1-00000");

  it("counts from the hour of the data, whole: not from the age of the object, which a rewrite renews", async () => {
    const { objects, publish, lookAt, named } = await aWorld(aFeatureGroup({ history: "30 days" }));
    await publish("run-1", OLD);
    await publish("run-2", YOUNG);
    await objects.put(OLD, new Uint8Array([2]));

    expect(await lookAt("2026-01-31T08:59:59Z")).toEqual([]);
    expect(await named()).toEqual([OLD, YOUNG]);
    expect(await lookAt("2026-01-31T09:00:00Z")).toEqual([{ of: "customer-orders", leftOut: 1, removed: 0 }]);
    expect(await named()).toEqual([YOUNG]);
  });

  it("removes what the look before left out, with every version, so that a reader may end", async () => {
    const { objects, publish, lookAt, there } = await aWorld(aFeatureGroup({ history: "30 days" }));
    await publish("run-1", OLD, YOUNG);
    await objects.put(OLD, new Uint8Array([2]));
    await objects.remove(OLD);

    await lookAt("2026-01-31T09:00:00Z");
    expect(await there()).toEqual([OLD, YOUNG]);
    expect(await lookAt("2026-01-31T09:00:00Z")).toEqual([{ of: "customer-orders", leftOut: 0, removed: 1 }]);
    expect(await there()).toEqual([YOUNG]);
    expect(await lookAt("2026-01-31T09:00:00Z")).toEqual([]);
  });

  it("removes files of AWS's own naming, and what no manifest ever named", async () => {
    const { objects, lookAt, there } = await aWorld(aFeatureGroup({ history: "30 days" }));
    for (const name of [AWS_NAME, "run-9-1-00000"])
      await objects.put(fileAt("2026-01-01", "08", name), new Uint8Array([1]));

    expect(await lookAt("2026-02-01T00:00:00Z")).toEqual([{ of: "customer-orders", leftOut: 0, removed: 2 }]);
    expect(await there()).toEqual([]);
  });

  it("leaves a group without a limit, and keys that name no hour, alone", async () => {
    const { publish, lookAt, named } = await aWorld(aFeatureGroup());
    await publish("run-1", OLD);
    expect(await lookAt("2126-01-01")).toEqual([]);
    expect(await named()).toEqual([OLD]);

    const limited = await aWorld(aFeatureGroup({ history: "30 days" }));
    await limited.objects.put(`${PREFIX}data/notes.txt`, new Uint8Array([1]));
    expect(await limited.lookAt("2126-01-01")).toEqual([]);
    expect(await limited.there()).toEqual([`${PREFIX}data/notes.txt`]);
  });

  it("removes a file of events once its youngest is past the source's limit, and never enters it again", async () => {
    const columns = { customer_id: text(), ordered_at: instant() };
    const limited = source("orders", { columns, eventTime: "ordered_at", history: "30 days" });
    const group = { ...aFeatureGroup(), source: limited } as FeatureGroup;
    const { objects, lookAt } = await aWorld(group);
    const append = async (name: string, youngest: string | undefined) => {
      await objects.put(`events/orders/data/${name}`, new Uint8Array([1]));
      const maxEventTimeMs = youngest === undefined ? undefined : at(youngest);
      const counts = { rowCount: 1, eventCount: 1, setAsideCount: 0, suppressedCount: 0 };
      const keys = { eventKey: `events/orders/data/${name}`, setAsideKey: undefined };
      const file = { name, contentId: `content of ${name}`, sizeBytes: 1, ...counts, ...keys };
      await commitEvents(objects, "orders", "r", [{ ...file, minEventTimeMs: undefined, maxEventTimeMs }]);
    };
    await append("old", "2026-01-01T00:00:00Z");
    await append("young", "2026-01-02T00:00:00Z");
    await append("undated", undefined);

    expect(await lookAt("2026-01-31T00:00:00Z")).toEqual([]);
    expect(await lookAt("2026-01-31T00:00:01Z")).toEqual([{ of: "orders", leftOut: 0, removed: 1 }]);
    const { files, removing } = await readEventTable(objects, "orders");
    expect(files.map(({ name, eventKey }) => [name, eventKey !== undefined])).toEqual([
      ["old", false],
      ["young", true],
      ["undated", true],
    ]);
    expect(removing).toEqual([]);
    expect((await objects.listVersions("events/orders/data/")).map(({ key }) => key)).not.toContain(
      "events/orders/data/old",
    );
    expect(await lookAt("2026-01-31T00:00:01Z")).toEqual([]);
  });
});
