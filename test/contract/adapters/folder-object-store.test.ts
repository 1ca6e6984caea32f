import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FolderObjectStore } from "@steward/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeObjectStore } from "../ports/object-store.ts";
import { killChildAfter, raceChildren } from "../support/child.ts";
import { FakeTimer } from "../support/fake-timer.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

/** Beyond what Linux gives to a process (`pid_max` is 4,194,304 at most). */
const DEAD_PID = 99_999_999;

describeObjectStore("FolderObjectStore", async () => {
  const folder = makeTemporaryFolder();
  const scratch = join(folder, "scratch");
  mkdirSync(scratch);
  const opened: FolderObjectStore[] = [];
  return {
    scratch,
    open: async () => {
      const store = new FolderObjectStore({ root: join(folder, "objects"), timer: new FakeTimer() });
      opened.push(store);
      return store;
    },
    close: async () => {
      for (const store of opened) store.close();
      removeFolder(folder);
    },
  };
});

describe("FolderObjectStore", () => {
  let folder: string;
  let root: string;
  let store: FolderObjectStore;

  beforeEach(() => {
    folder = makeTemporaryFolder();
    root = join(folder, "objects");
    store = openStore();
  });

  afterEach(() => {
    store.close();
    removeFolder(folder);
  });

  function openStore(): FolderObjectStore {
    return new FolderObjectStore({ root, timer: new FakeTimer() });
  }

  function reopen(): void {
    store.close();
    store = openStore();
  }

  /** Every file of the folder that holds bytes, the index apart. */
  function listFiles(): readonly string[] {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("index.sqlite"))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  }

  function changeIndex(sql: string): void {
    const index = new DatabaseSync(join(root, "index.sqlite"));
    index.exec(sql);
    index.close();
  }

  /** Bytes and index say the same: each version can be read whole, and no file is there without one. */
  async function expectWhole(): Promise<void> {
    const versions = (await store.listVersions("")).filter(({ isDeleteMarker }) => !isDeleteMarker);
    for (const { key, versionId, sizeBytes } of versions) {
      expect(await store.get(key, { versionId })).toHaveLength(sizeBytes);
    }
    expect(listFiles()).toHaveLength(versions.length);
  }

  it("keeps the bytes of a version in a file of the key's folder and extension", async () => {
    const outcome = await store.put("offline/a/b.tar.gz", Buffer.from("hello"));

    const versionId = outcome.kind === "stored" ? outcome.object.versionId : "";
    expect(await store.locate("offline/a/b.tar.gz")).toBe(join(root, `offline/a/b.tar.${versionId}.gz`));
    expect(readFileSync(await store.locate("offline/a/b.tar.gz"), "utf8")).toBe("hello");
  });

  it("keeps the bytes of an older version where it is located", async () => {
    const first = await store.put("a/b.parquet", Buffer.from("hello"));
    await store.put("a/b.parquet", Buffer.from("world"));
    const versionId = first.kind === "stored" ? first.object.versionId : "";

    const path = await store.locate("a/b.parquet", { versionId });

    expect(readFileSync(path, "utf8")).toBe("hello");
  });

  it("dates a version by real time", async () => {
    await store.put("a", Buffer.from("hello"));

    expect((await store.listVersions("a"))[0]?.modifiedAtMs).toBe(1_769_817_600_000);
  });

  it.each([".incoming/a", "index.sqlite", "index.sqlite-wal/a", `a/${"x".repeat(231)}`])(
    "refuses the key %s, whose file would stand in the way of the store's own or is too long",
    async (key) => {
      await expect(store.put(key, Buffer.from("x"))).rejects.toThrow(/object key/);
    },
  );

  it("leaves no bytes, no row and no empty folder of a removed version", async () => {
    await store.put("staging/run/1/a.parquet", Buffer.from("hello"));
    await store.put("staging/other", Buffer.from("hello"));

    await store.removeVersions(await store.listVersions("staging/run/"));

    expect(existsSync(join(root, "staging/run"))).toBe(false);
    expect(listFiles()).toHaveLength(1);
    expect(await store.listVersions("staging/run/")).toEqual([]);
  });

  it("keeps a version apart from the file it was put from, when that has a second name", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "hello");
    linkSync(path, join(folder, "second name"));

    await store.putFile("a", path);
    writeFileSync(join(folder, "second name"), "overwritten");

    expect(Buffer.from(await store.get("a")).toString()).toBe("hello");
    expect(existsSync(path)).toBe(false);
  });

  it("tags a file that S3's clients would put in parts for itself, and a copy of it alike", async () => {
    const partBytes = 8 * 1024 * 1024;
    const tags: string[] = [];
    for (const key of ["a", "b"]) {
      const path = join(folder, "file");
      writeFileSync(path, Buffer.alloc(partBytes + 1));
      await store.putFile(key, path);
      tags.push((await store.find(key))?.etag ?? "");
    }

    await store.copy("b", "c");

    expect(tags).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}-2$/),
      expect.stringMatching(/^[0-9a-f]{32}-2$/),
    ]);
    expect(tags[0]).not.toBe(tags[1]);
    expect((await store.find("c"))?.etag).toBe(tags[1]);
  });

  it.for([
    ["small", 100],
    ["large", 9_000_000],
  ] as const)(
    "finds out that a bit of a %s object was turned, its end cut off, or its file lost",
    async ([, sizeBytes]) => {
      const path = join(folder, "file");
      writeFileSync(path, Buffer.alloc(sizeBytes, 7));
      await store.putFile("a", path);
      const stored = await store.locate("a");
      const bytes = readFileSync(stored);
      const answers = [await store.isIntact("a")];

      const turned = Buffer.from(bytes);
      turned[sizeBytes >> 1] = 6;
      for (const damaged of [turned, bytes.subarray(0, -1)]) {
        writeFileSync(stored, damaged);
        answers.push(await store.isIntact("a"));
      }
      rmSync(stored);

      expect([...answers, await store.isIntact("a")]).toEqual([true, false, false, false]);
    },
  );

  it("refuses to put a folder", async () => {
    await expect(store.putFile("a", folder)).rejects.toThrow(/regular file/);
  });

  it("puts nothing and leaves the file when the place for it cannot be made", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "hello");
    writeFileSync(join(root, "blocked"), "a file where a folder should be");

    await expect(store.putFile("blocked/a", path)).rejects.toThrow();

    expect(existsSync(path)).toBe(true);
    expect(await store.listVersions("")).toEqual([]);
  });

  it("puts nothing and gives the file back when the index cannot keep the row", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "hello");
    changeIndex(`CREATE TABLE parent (id INTEGER PRIMARY KEY);
      CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER refuse_at_commit AFTER INSERT ON versions BEGIN INSERT INTO child VALUES (1); END`);

    await expect(store.putFile("a", path)).rejects.toThrow(/FOREIGN KEY/);
    await expect(store.put("b", Buffer.from("hello"))).rejects.toThrow(/FOREIGN KEY/);

    expect(readFileSync(path, "utf8")).toBe("hello");
    expect(listFiles()).toEqual([]);
    expect(await store.listVersions("")).toEqual([]);
  });

  it("still names a version whose bytes could not be deleted, and removes it when asked again", async () => {
    await store.put("a/one", Buffer.from("hello"));
    const versions = await store.listVersions("");
    const path = await store.locate("a/one");
    rmSync(path);
    mkdirSync(path);

    await expect(store.removeVersions(versions)).rejects.toThrow();
    const left = await store.listVersions("");
    rmdirSync(path);
    writeFileSync(path, "hello");
    await store.removeVersions(versions);

    expect(left).toHaveLength(1);
    expect(existsSync(path)).toBe(false);
    expect(await store.listVersions("")).toEqual([]);
  });

  describe("when it is opened", () => {
    it("removes what a dead process left incoming, and nothing of a living one", () => {
      const incoming = join(root, ".incoming");
      const own = `${process.pid}-${Math.floor(performance.timeOrigin)}-own`;
      const living = `${process.ppid}-1-parent`;
      for (const name of [`${DEAD_PID}-1-dead`, `${process.pid}-1-earlier`, own, living]) {
        writeFileSync(join(incoming, name), "half");
      }

      reopen();

      expect(readdirSync(incoming).sort()).toEqual([own, living].sort());
    });

    it("removes a version's file that has no row, and no file that is not its own", async () => {
      await store.put("a/kept.parquet", Buffer.from("hello"));
      await store.put("a/lost.parquet", Buffer.from("personal"));
      const lost = await store.locate("a/lost.parquet");
      changeIndex("DELETE FROM versions WHERE key = 'a/lost.parquet'");
      writeFileSync(join(root, "a", "notes.txt"), "by hand");

      reopen();

      expect(existsSync(lost)).toBe(false);
      expect(existsSync(join(root, "a", "notes.txt"))).toBe(true);
      expect(Buffer.from(await store.get("a/kept.parquet")).toString()).toBe("hello");
    });

    it("keeps a version whose key itself ends like a version", async () => {
      const key = "a.0123456789abcdef01234567";
      await store.put(key, Buffer.from("hello"));
      await store.put(`${key}.txt`, Buffer.from("world"));

      reopen();

      expect(Buffer.from(await store.get(key)).toString()).toBe("hello");
      expect(Buffer.from(await store.get(`${key}.txt`)).toString()).toBe("world");
    });

    it.each([
      ["before", true],
      ["after", false],
    ])("finishes a removal that was killed %s the bytes were deleted", async (_when, hasBytes) => {
      await store.put("a/one.parquet", Buffer.from("hello"));
      await store.put("a/one.parquet", Buffer.from("world"));
      const path = await store.locate("a/one.parquet");
      changeIndex("UPDATE versions SET is_removing = 1 WHERE seq = (SELECT max(seq) FROM versions)");
      if (!hasBytes) rmSync(path);

      const currentBefore = await store.list("a/");
      const listedBefore = await store.listVersions("a/");
      const readBefore = Buffer.from(await store.get("a/one.parquet")).toString();
      reopen();

      // Until then the version is no longer read, and still named to whoever looks for what is left.
      expect(readBefore).toBe("hello");
      expect(currentBefore.map(({ versionId }) => versionId)).toEqual([listedBefore[1]?.versionId]);
      expect(listedBefore.map(({ isLatest }) => isLatest)).toEqual([false, true]);
      expect(existsSync(path)).toBe(false);
      expect(await store.listVersions("a/")).toHaveLength(1);
      await expectWhole();
    });

    it("finishes the removal of the only version, and its folder goes too", async () => {
      await store.put("a/one.parquet", Buffer.from("hello"));
      const path = await store.locate("a/one.parquet");
      changeIndex("UPDATE versions SET is_removing = 1");

      reopen();

      expect(existsSync(dirname(path))).toBe(false);
      expect(await store.listVersions("")).toEqual([]);
    });
  });

  it("lets exactly one of the processes win each conditional put, from the opening of a new folder on", async () => {
    store.close();
    removeFolder(root);

    const outputs = await raceChildren(
      "object-racer",
      ["a", "b", "c"].map((name) => [root, name, "40"]),
    );

    store = openStore();
    const lines = outputs.flat();
    const replaced = lines.filter((line) => line.startsWith("replaced "));
    expect(lines.filter((line) => line === "created")).toHaveLength(1);
    expect(replaced).toHaveLength(120);
    // No version was replaced twice: no update was lost.
    expect(new Set(replaced).size).toBe(120);
    expect(await store.listVersions("race/")).toHaveLength(121);
    await expectWhole();
  });

  it("keeps all that was acknowledged, and nothing half, through a SIGKILL", async () => {
    const scratch = join(folder, "scratch");
    mkdirSync(scratch);
    for (const lineCount of [1, 7, 60, 150, 151, 152, 400]) {
      store.close();
      const lines = await killChildAfter("object-writer", [root, scratch], lineCount);

      store = openStore();
      const listed = new Set(
        (await store.listVersions("")).map(({ key, versionId }) => `${key} ${versionId}`),
      );
      const told = (verb: string) =>
        lines.filter((line) => line.startsWith(`${verb} `)).map((line) => line.slice(verb.length + 1));
      const removing = new Set(told("removing"));
      expect(told("stored").filter((name) => !listed.has(name) && !removing.has(name))).toEqual([]);
      expect(told("removed").filter((name) => listed.has(name))).toEqual([]);
      expect(readdirSync(join(root, ".incoming"))).toEqual([]);
      await expectWhole();
    }
  });
});
