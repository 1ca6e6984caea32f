// Which offline files can be read, and that of a publisher and whoever cancels it exactly one wins.

import { listOfflineFiles, type ObjectStore, toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import {
  changeManifest,
  closeManifest,
  findManifest,
  mapManifests,
  offlineFilePrefix,
  offlinePrefix,
  putManifest,
} from "../../../packages/core/src/ledger/offline-manifest.ts";
import { anObjectStore } from "../../support/durable-stores.ts";

const PREFIX = "offline/customer-orders-1/";
const DATA = `${PREFIX}data/year=2026/month=01/day=31/hour=08/`;
const RUN = { runId: "run-1", attempt: 1 };
const published = (...keys: readonly string[]) => ({
  ...RUN,
  cancelled: false,
  files: keys.map((key) => ({ key, rowCount: 1 })),
});
const MARKER = { ...RUN, cancelled: true, files: [] };

async function store(objects: ObjectStore, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await objects.put(key, new Uint8Array([1]));
}

describe("putManifest", () => {
  it("lets the first of publisher and marker win, and tells the other so", async () => {
    const objects = anObjectStore();
    const file = `${DATA}run-1-1-00000.parquet`;

    expect(await putManifest(objects, PREFIX, published(file))).toEqual(published(file));
    expect(await putManifest(objects, PREFIX, MARKER)).toEqual(published(file));
    expect(await putManifest(objects, PREFIX, published(file))).toEqual(published(file));
  });

  it("lets exactly one win when they race, and both see the same one", async () => {
    for (let round = 0; round < 10; round += 1) {
      const objects = anObjectStore();
      const wanted = round % 2 === 0 ? [published("k"), MARKER] : [MARKER, published("k")];

      const [first, second] = await Promise.all(wanted.map((one) => putManifest(objects, PREFIX, one)));

      expect(first).toEqual(second);
      expect(await findManifest(objects, PREFIX, RUN)).toEqual(first);
    }
  });

  it("keeps attempts apart", async () => {
    const objects = anObjectStore();
    await putManifest(objects, PREFIX, MARKER);

    expect(await putManifest(objects, PREFIX, { ...published(), attempt: 2 })).toMatchObject({
      cancelled: false,
    });
  });
});

describe("closeManifest", () => {
  it("takes the key of an attempt that never published, so that it never can", async () => {
    const objects = anObjectStore();

    await closeManifest(objects, PREFIX, RUN);

    expect(await putManifest(objects, PREFIX, published("late"))).toEqual(MARKER);
    expect(await listOfflineFiles(objects, PREFIX)).toEqual([]);
  });

  it("removes what a published attempt named, every version, and leaves the key taken", async () => {
    const objects = anObjectStore();
    const [own, other] = [`${DATA}run-1-1-00000.parquet`, `${DATA}run-2-1-00000.parquet`];
    await store(objects, own, own, other);
    await putManifest(objects, PREFIX, published(own));
    await putManifest(objects, PREFIX, { ...published(other), runId: "run-2" });

    await closeManifest(objects, PREFIX, RUN);

    expect(await listOfflineFiles(objects, PREFIX)).toEqual([other]);
    expect(await objects.listVersions(own)).toEqual([]);
    expect(await putManifest(objects, PREFIX, published(own))).toEqual(MARKER);
    expect(await objects.listVersions(`${PREFIX}manifests/run-1-1.json`)).toHaveLength(1);
  });

  it("changes nothing when it is done again", async () => {
    const objects = anObjectStore();
    await closeManifest(objects, PREFIX, RUN);
    const before = await objects.listVersions(PREFIX);

    await closeManifest(objects, PREFIX, RUN);

    expect(await objects.listVersions(PREFIX)).toEqual(before);
  });
});

describe("listOfflineFiles", () => {
  it("names the files of manifests and those that carry AWS's own names, ascending, and no others", async () => {
    const objects = anObjectStore();
    const aws = `${DATA}20260131T081500Z_aB3dE5gH7jK9mN1p.parquet`;
    const named = `${DATA}run-1-1-00000.parquet`;
    await store(
      objects,
      aws,
      named,
      `${DATA}run-2-1-00000.parquet`,
      `${DATA}20260131T081500Z_short.parquet`,
      `${DATA}20260131T081500Z_aB3dE5gH7jK9mN1p.parquet.tmp`,
      `${DATA}x20260131T081500Z_aB3dE5gH7jK9mN1p.parquet`,
      `${PREFIX}other/20260131T081500Z_aB3dE5gH7jK9mN1p.parquet`,
      "offline/customer-orders-10/data/20260131T081500Z_aB3dE5gH7jK9mN1p.parquet",
    );
    await putManifest(objects, PREFIX, published(named));

    expect(await listOfflineFiles(objects, PREFIX)).toEqual([aws, named]);
  });

  it("reads no file of a cancelled run", async () => {
    const objects = anObjectStore();
    await store(objects, `${DATA}run-1-1-00000.parquet`);
    await putManifest(objects, PREFIX, MARKER);

    expect(await listOfflineFiles(objects, PREFIX)).toEqual([]);
  });

  it("names a file once that two manifests name", async () => {
    const objects = anObjectStore();
    await putManifest(objects, PREFIX, published("k"));
    await putManifest(objects, PREFIX, { ...published("k"), runId: "run-2" });

    expect(await listOfflineFiles(objects, PREFIX)).toEqual(["k"]);
  });
});

describe("changeManifest", () => {
  it("changes one file of the manifest that names it, and loses no change of another's", async () => {
    const objects = anObjectStore();
    await putManifest(objects, PREFIX, published("a", "b"));
    const manifests = await mapManifests(objects, PREFIX);

    const change = (file: string, rowCount: number) =>
      changeManifest(objects, manifests.get(file) ?? "", file, (entry) => ({ ...entry, rowCount }));
    await Promise.all([change("a", 7), change("b", 8)]);

    const changed = await findManifest(objects, PREFIX, RUN);
    expect(changed?.files).toEqual([
      { key: "a", rowCount: 7 },
      { key: "b", rowCount: 8 },
    ]);
  });

  it("names a file no longer, and leaves a cancelled run's marker as it is", async () => {
    const objects = anObjectStore();
    await putManifest(objects, PREFIX, published("a", "b"));
    const [manifestKey = ""] = (await mapManifests(objects, PREFIX)).values();

    await changeManifest(objects, manifestKey, "a", () => undefined);
    expect(await listOfflineFiles(objects, PREFIX)).toEqual(["b"]);

    await closeManifest(objects, PREFIX, RUN);
    await changeManifest(objects, manifestKey, "b", (entry) => ({ ...entry, rowCount: 9 }));
    expect(await findManifest(objects, PREFIX, RUN)).toEqual(MARKER);
  });
});

describe("offlinePrefix", () => {
  it.each([
    ["s3://bucket/some/prefix/group-1/data", "some/prefix/group-1/"],
    ["s3://bucket/some/prefix/group-1/data/", "some/prefix/group-1/"],
    ["s3://bucket/data/group-1/data", "data/group-1/"],
  ])("of %s is %s", (uri, expected) => {
    expect(offlinePrefix(uri)).toBe(expected);
  });
});

describe("offlineFilePrefix", () => {
  it("is the hour of the as-of in UTC, then run and attempt", () => {
    const asOfMs = toEpochMs(Date.UTC(2026, 0, 31, 8, 59, 59, 999));

    expect(offlineFilePrefix(PREFIX, { ...RUN, asOfMs })).toBe(`${DATA}run-1-1-`);
  });
});
