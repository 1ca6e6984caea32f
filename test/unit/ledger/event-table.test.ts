// Which files make up a source's events: all of a command's or none, each content once, a replaced file gone for good.

import type { AppendedFile, InspectedFile, ObjectStore } from "@steward/core";
import { describe, expect, it } from "vitest";
import {
  commitEvents,
  describeEvents,
  newFiles,
  readEventTable,
  replayedName,
  toEventFiles,
} from "../../../packages/core/src/ledger/event-table.ts";
import { anObjectStore } from "../../support/durable-stores.ts";

const SOURCE = "orders";

function anAppended(name: string, contentId: string, overrides: Partial<AppendedFile> = {}): AppendedFile {
  return {
    name,
    contentId,
    sizeBytes: 10,
    rowCount: 3,
    eventCount: 2,
    setAsideCount: 1,
    suppressedCount: 0,
    eventKey: `events/orders/data/${contentId}/events-00000.parquet`,
    setAsideKey: `events/orders/data/${contentId}/set-aside-00000.parquet`,
    minEventTimeMs: undefined,
    maxEventTimeMs: undefined,
    ...overrides,
  };
}

const inspected = (name: string, contentId: string): InspectedFile => ({ name, contentId, sizeBytes: 10 });

/** Stages the files' objects, then commits them. */
async function append(objects: ObjectStore, runId: string, ...files: readonly AppendedFile[]): Promise<void> {
  for (const { eventKey, setAsideKey } of files)
    for (const key of [eventKey, setAsideKey])
      if (key !== undefined) await objects.put(key, new Uint8Array([1]));
  await commitEvents(objects, SOURCE, runId, files);
}

const namesIn = async (objects: ObjectStore) =>
  (await readEventTable(objects, SOURCE)).files.map(({ name }) => name);
const keysIn = async (objects: ObjectStore) =>
  [...new Set((await objects.listVersions("events/orders/data/")).map(({ key }) => key))].sort();

describe("readEventTable", () => {
  it("is empty where nothing was ever appended", async () => {
    expect((await readEventTable(anObjectStore(), SOURCE)).files).toEqual([]);
  });
});

describe("commitEvents", () => {
  it("enters all files of a command in one put of the index", async () => {
    const objects = anObjectStore();

    await append(objects, "run-1", anAppended("/a.csv", "c1"), anAppended("/b.csv", "c2"));

    expect(await namesIn(objects)).toEqual(["/a.csv", "/b.csv"]);
    expect(await objects.listVersions("events/orders/index.json")).toHaveLength(1);
  });

  it("numbers the files in order, later commits higher", async () => {
    const objects = anObjectStore();
    await append(objects, "run-1", anAppended("/z.csv", "c1"), anAppended("/b.csv", "c2"));
    await append(objects, "run-2", anAppended("/a.csv", "c3"));

    const { files } = await readEventTable(objects, SOURCE);

    expect(files.map(({ name, sequence }) => [name, sequence])).toEqual([
      ["/z.csv", 1],
      ["/b.csv", 2],
      ["/a.csv", 3],
    ]);
    expect(toEventFiles(await readEventTable(objects, SOURCE)).map(({ name }) => name)).toEqual([
      "/a.csv",
      "/b.csv",
      "/z.csv",
    ]);
  });

  it("changes nothing when it is done again", async () => {
    const objects = anObjectStore();
    await append(objects, "run-1", anAppended("/a.csv", "c1"));
    const before = await objects.find("events/orders/index.json");

    await append(objects, "run-1", anAppended("/a.csv", "c1"));

    expect(await objects.find("events/orders/index.json")).toEqual(before);
  });

  it("replaces a file of the same name and removes its events and set-aside rows for good", async () => {
    const objects = anObjectStore();
    await append(objects, "run-1", anAppended("/a.csv", "c1"), anAppended("/b.csv", "c2"));

    await append(objects, "run-2", anAppended("/a.csv", "c3"));

    expect(await namesIn(objects)).toEqual(["/b.csv", "/a.csv"]);
    expect(await keysIn(objects)).toEqual([
      "events/orders/data/c2/events-00000.parquet",
      "events/orders/data/c2/set-aside-00000.parquet",
      "events/orders/data/c3/events-00000.parquet",
      "events/orders/data/c3/set-aside-00000.parquet",
    ]);
  });

  it("finishes the removal of a commit that was killed between its put and the removal", async () => {
    const objects = anObjectStore();
    await append(objects, "run-1", anAppended("/a.csv", "c1"));
    const killed = { ...methodsOf(objects), removeVersions: () => Promise.reject(new Error("killed")) };
    await expect(append(killed, "run-2", anAppended("/a.csv", "c2"))).rejects.toThrow("killed");
    expect(await keysIn(objects)).toContain("events/orders/data/c1/events-00000.parquet");

    await append(objects, "run-2", anAppended("/a.csv", "c2"));

    expect((await keysIn(objects)).filter((key) => key.includes("/c1/"))).toEqual([]);
  });

  it("finishes it also when another command comes next", async () => {
    const objects = anObjectStore();
    await append(objects, "run-1", anAppended("/a.csv", "c1"));
    const killed = { ...methodsOf(objects), removeVersions: () => Promise.reject(new Error("killed")) };
    await expect(append(killed, "run-2", anAppended("/a.csv", "c2"))).rejects.toThrow("killed");

    await append(objects, "run-3", anAppended("/b.csv", "c3"));

    expect((await keysIn(objects)).filter((key) => key.includes("/c1/"))).toEqual([]);
    expect((await readEventTable(objects, SOURCE)).removing).toEqual([]);
  });

  it("takes away the rows that a replaced file had set aside and that entered later, so that none counts twice", async () => {
    const objects = anObjectStore();
    await append(objects, "run-1", anAppended("/a.csv", "c1"), anAppended("/b.csv", "c2"));
    await append(objects, "replay", anAppended(replayedName("/a.csv"), replayedName("c1")));
    await append(objects, "replay", anAppended(replayedName("/b.csv"), replayedName("c2")));

    await append(objects, "run-2", anAppended("/a.csv", "c3"));

    expect(await namesIn(objects)).toEqual(["/b.csv", replayedName("/b.csv"), "/a.csv"]);
  });

  it("enters replayed rows beside the file that they come from", async () => {
    const objects = anObjectStore();
    await append(objects, "run-1", anAppended("/a.csv", "c1"));

    await append(objects, "replay", anAppended(replayedName("/a.csv"), replayedName("c1")));

    expect(await namesIn(objects)).toEqual(["/a.csv", replayedName("/a.csv")]);
  });

  it("loses no file of two commands that meet", async () => {
    const objects = anObjectStore();

    await Promise.all(
      ["1", "2", "3", "4"].map((n) => append(objects, `run-${n}`, anAppended(`/${n}.csv`, `c${n}`))),
    );

    const { files } = await readEventTable(objects, SOURCE);
    expect(files.map(({ name }) => name).sort()).toEqual(["/1.csv", "/2.csv", "/3.csv", "/4.csv"]);
    expect(new Set(files.map(({ sequence }) => sequence)).size).toBe(4);
  });

  it("enters a content once that two commands brought under two names, and leaves nothing of the later copy", async () => {
    const objects = anObjectStore();
    const copy = (run: string) => ({
      eventKey: `events/orders/data/${run}/events-00000.parquet`,
      setAsideKey: `events/orders/data/${run}/set-aside-00000.parquet`,
    });
    await append(objects, "run-1", anAppended("/a.csv", "c1", copy("run-1")));

    await append(
      objects,
      "run-2",
      anAppended("/copy.csv", "c1", copy("run-2")),
      anAppended("/b.csv", "c2", copy("run-2b")),
    );
    await append(objects, "run-2", anAppended("/copy.csv", "c1", copy("run-2")));

    expect(await namesIn(objects)).toEqual(["/a.csv", "/b.csv"]);
    expect(await keysIn(objects)).toEqual([
      "events/orders/data/run-1/events-00000.parquet",
      "events/orders/data/run-1/set-aside-00000.parquet",
      "events/orders/data/run-2b/events-00000.parquet",
      "events/orders/data/run-2b/set-aside-00000.parquet",
    ]);
  });

  it("leaves the table as it was when the put fails", async () => {
    const objects = anObjectStore();
    await append(objects, "run-1", anAppended("/a.csv", "c1"));
    const broken = { ...methodsOf(objects), put: () => Promise.reject(new Error("no space")) };

    await expect(
      commitEvents(broken, SOURCE, "run-2", [anAppended("/a.csv", "c2"), anAppended("/b.csv", "c3")]),
    ).rejects.toThrow("no space");

    expect(await namesIn(objects)).toEqual(["/a.csv"]);
    expect(await keysIn(objects)).toContain("events/orders/data/c1/events-00000.parquet");
  });

  it("keeps a file of which no event was left, so that it is recognised, and reads nothing of it", async () => {
    const objects = anObjectStore();
    await append(
      objects,
      "run-1",
      anAppended("/a.csv", "c1", { eventKey: undefined, setAsideKey: undefined }),
    );

    const table = await readEventTable(objects, SOURCE);

    expect(newFiles(table, [inspected("/a.csv", "c1")])).toEqual([]);
    expect(toEventFiles(table)).toEqual([]);
  });
});

describe("newFiles", () => {
  it("knows the same content under any name", async () => {
    const objects = anObjectStore();
    await append(objects, "run-1", anAppended("/a.csv", "c1"));
    const table = await readEventTable(objects, SOURCE);

    const found = newFiles(table, [inspected("/copy.csv", "c1"), inspected("/a.csv", "c2")]);

    expect(found).toEqual([inspected("/a.csv", "c2")]);
  });

  it("takes each content of a command once", async () => {
    const table = await readEventTable(anObjectStore(), SOURCE);

    expect(newFiles(table, [inspected("/a.csv", "c1"), inspected("/b.csv", "c1")])).toEqual([
      inspected("/a.csv", "c1"),
    ]);
  });
});

describe("describeEvents", () => {
  it("is the same for the same contents under the same names, in whatever order they came", async () => {
    const [left, right] = [anObjectStore(), anObjectStore()];
    await append(left, "run-1", anAppended("/a.csv", "c1"), anAppended("/b.csv", "c2"));
    await append(right, "run-7", anAppended("/b.csv", "c2"));
    await append(right, "run-8", anAppended("/a.csv", "c1"));

    expect(describeEvents(await readEventTable(left, SOURCE))).toBe(
      describeEvents(await readEventTable(right, SOURCE)),
    );
  });

  it("differs by content and by name", async () => {
    const tables = await Promise.all(
      [
        ["/a.csv", "c1"],
        ["/a.csv", "c2"],
        ["/b.csv", "c1"],
      ].map(async ([name = "", contentId = ""]) => {
        const objects = anObjectStore();
        await append(objects, "run-1", anAppended(name, contentId));
        return describeEvents(await readEventTable(objects, SOURCE));
      }),
    );

    expect(new Set(tables).size).toBe(3);
  });
});

/** The store as a plain object, so that a test can make one method fail. */
function methodsOf(objects: ObjectStore): ObjectStore {
  return {
    put: (...given) => objects.put(...given),
    putFile: (...given) => objects.putFile(...given),
    locate: (...given) => objects.locate(...given),
    isIntact: (...given) => objects.isIntact(...given),
    copy: (...given) => objects.copy(...given),
    find: (...given) => objects.find(...given),
    get: (...given) => objects.get(...given),
    list: (...given) => objects.list(...given),
    listVersions: (...given) => objects.listVersions(...given),
    remove: (...given) => objects.remove(...given),
    removeVersions: (...given) => objects.removeVersions(...given),
  };
}
