// The rules of the port ObjectStore, for every adapter.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  InvalidInputError,
  NotFoundError,
  type ObjectStore,
  type PutOutcome,
  type StoredObject,
} from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface ObjectStoreHarness {
  /** One more instance on the same, at first empty, store. */
  open(): Promise<ObjectStore>;
  /** A folder for files to be put, on the file system that an engine would stage on. */
  readonly scratch: string;
  close(): Promise<void>;
}

/** MD5 of "hello", "world" and nothing, by `md5sum`. */
const HELLO_ETAG = "5d41402abc4b2a76b9719d911017c592";
const WORLD_ETAG = "7d793037a0760186574b0282f2f435e7";
const EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function textOf(store: ObjectStore, key: string, versionId?: string): Promise<string> {
  return new TextDecoder().decode(await store.get(key, versionId === undefined ? {} : { versionId }));
}

function storedOf(outcome: PutOutcome): StoredObject {
  if (outcome.kind !== "stored") throw new Error("the put met a conflict");
  return outcome.object;
}

function countStored(outcomes: readonly PutOutcome[]): number {
  return outcomes.filter(({ kind }) => kind === "stored").length;
}

export function describeObjectStore(name: string, makeHarness: () => Promise<ObjectStoreHarness>): void {
  describe(name, () => {
    let harness: ObjectStoreHarness;
    let store: ObjectStore;

    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });

    afterEach(async () => {
      await harness.close();
    });

    async function put(key: string, text: string): Promise<StoredObject> {
      return storedOf(await store.put(key, bytes(text)));
    }

    function fileOf(text: string): string {
      const path = join(harness.scratch, "staged.parquet");
      writeFileSync(path, text);
      return path;
    }

    async function keysOf(prefix: string): Promise<readonly string[]> {
      return (await store.list(prefix)).map(({ key }) => key);
    }

    describe("put", () => {
      it("stores the bytes under the key, with their MD5 as entity tag", async () => {
        const object = await put("offline/a/b.parquet", "hello");

        expect(object).toMatchObject({ key: "offline/a/b.parquet", etag: HELLO_ETAG, sizeBytes: 5 });
        expect(await store.find("offline/a/b.parquet")).toEqual(object);
        expect(await textOf(store, "offline/a/b.parquet")).toBe("hello");
      });

      it("stores no bytes at all as an object of size 0", async () => {
        await put("empty", "");

        expect(await store.find("empty")).toMatchObject({ etag: EMPTY_ETAG, sizeBytes: 0 });
        expect(await store.get("empty")).toHaveLength(0);
      });

      it("makes a new version current and keeps the old one as it was", async () => {
        const first = await put("a", "hello");
        const second = await put("a", "world");

        expect(await textOf(store, "a")).toBe("world");
        expect(await textOf(store, "a", first.versionId)).toBe("hello");
        expect(await textOf(store, "a", second.versionId)).toBe("world");
      });

      it("stores under `absent` only where no object is current", async () => {
        const first = await store.put("a", bytes("hello"), "absent");
        const second = await store.put("a", bytes("world"), "absent");

        expect([first.kind, second]).toEqual(["stored", { kind: "conflict" }]);
        expect(await textOf(store, "a")).toBe("hello");
        expect(await store.listVersions("a")).toHaveLength(1);
      });

      it("stores under `absent` behind a delete marker", async () => {
        await put("a", "hello");
        await store.remove("a");

        expect((await store.put("a", bytes("world"), "absent")).kind).toBe("stored");
        expect(await textOf(store, "a")).toBe("world");
      });

      it("stores under an entity tag only where the current object has it", async () => {
        const first = await put("a", "hello");

        const applied = await store.put("a", bytes("world"), { etag: first.etag });
        const stale = await store.put("a", bytes("late"), { etag: first.etag });
        const nowhere = await store.put("b", bytes("late"), { etag: first.etag });

        expect([applied.kind, stale, nowhere]).toEqual([
          "stored",
          { kind: "conflict" },
          { kind: "conflict" },
        ]);
        expect(await store.find("a")).toMatchObject({ etag: WORLD_ETAG });
        expect(await store.find("b")).toBeUndefined();
      });

      it("lets exactly one of many win that expect the same", async () => {
        const stores = await Promise.all(Array.from({ length: 6 }, () => harness.open()));

        const created = await Promise.all(stores.map((each) => each.put("a", bytes("hello"), "absent")));
        const replaced = await Promise.all(
          stores.map((each, index) => each.put("a", bytes(`world ${index}`), { etag: HELLO_ETAG })),
        );

        expect([countStored(created), countStored(replaced)]).toEqual([1, 1]);
        expect(await store.listVersions("a")).toHaveLength(2);
      });

      it("takes keys of many forms", async () => {
        const keys = ["a", "a/b", "a/b/c.tar.gz", ".hidden", "a b/ü=1/%2F+*?.txt", "é😀", "a./b..c", "x.y/z"];

        for (const key of keys) await put(key, key);

        for (const key of keys) expect(await textOf(store, key)).toBe(key);
      });
    });

    describe("putFile", () => {
      it("moves a file in", async () => {
        const path = fileOf("hello");

        const outcome = await store.putFile("offline/b.parquet", path);

        expect(outcome).toMatchObject({ kind: "stored", object: { etag: HELLO_ETAG, sizeBytes: 5 } });
        expect(await textOf(store, "offline/b.parquet")).toBe("hello");
        expect(existsSync(path)).toBe(false);
      });

      it("leaves the file where it is when the condition does not hold", async () => {
        await put("a", "world");
        const path = fileOf("hello");

        const outcomes = [
          await store.putFile("a", path, "absent"),
          await store.putFile("a", path, { etag: HELLO_ETAG }),
        ];

        expect(outcomes).toEqual([{ kind: "conflict" }, { kind: "conflict" }]);
        expect(existsSync(path)).toBe(true);
        expect(await textOf(store, "a")).toBe("world");
      });

      it("names a file that is not there", async () => {
        await expect(store.putFile("a", join(harness.scratch, "nothing"))).rejects.toThrow(NotFoundError);
      });
    });

    describe("isIntact", () => {
      it("is true of what was put, as bytes, as a file and as a copy", async () => {
        await put("a", "hello");
        await store.putFile("b", fileOf("world"));
        await store.copy("b", "c");

        expect(await Promise.all(["a", "b", "c"].map((key) => store.isIntact(key)))).toEqual([
          true,
          true,
          true,
        ]);
      });

      it("says that there is nothing to look at", async () => {
        await expect(store.isIntact("nothing")).rejects.toThrow(NotFoundError);
      });
    });

    describe("copy", () => {
      it("gives another key the same bytes, of its own", async () => {
        await put("staging/a.parquet", "hello");

        const outcome = await store.copy("staging/a.parquet", "offline/a.parquet");
        await store.removeVersions(await store.listVersions("staging/"));

        expect(outcome).toMatchObject({
          kind: "stored",
          object: { key: "offline/a.parquet", etag: HELLO_ETAG, sizeBytes: 5 },
        });
        expect(await textOf(store, "offline/a.parquet")).toBe("hello");
      });

      it("copies the current object, not an older version", async () => {
        await put("a", "hello");
        await put("a", "world");

        await store.copy("a", "b");

        expect(await textOf(store, "b")).toBe("world");
      });

      it("keeps the condition of the target", async () => {
        await put("a", "hello");
        await put("b", "world");

        const outcomes = [
          await store.copy("a", "b", "absent"),
          await store.copy("a", "b", { etag: WORLD_ETAG }),
        ];

        expect(outcomes.map(({ kind }) => kind)).toEqual(["conflict", "stored"]);
        expect(await textOf(store, "b")).toBe("hello");
      });

      it("says that there is nothing to copy", async () => {
        await put("gone", "hello");
        await store.remove("gone");

        await expect(store.copy("gone", "b")).rejects.toThrow(NotFoundError);
        await expect(store.copy("never", "b")).rejects.toThrow(NotFoundError);
      });
    });

    describe("find, get and locate", () => {
      it("tell an exact key from a longer one that begins with it", async () => {
        await put("a/bc", "hello");

        expect(await store.find("a/b")).toBeUndefined();
        expect(await store.find("a")).toBeUndefined();
        await expect(store.get("a/b")).rejects.toThrow(NotFoundError);
        await expect(store.locate("a/b")).rejects.toThrow(NotFoundError);
      });

      it("say that a key or a version is not there", async () => {
        const { versionId } = await put("a", "hello");

        await expect(store.get("b")).rejects.toThrow(NotFoundError);
        await expect(store.get("b", { versionId })).rejects.toThrow(NotFoundError);
        await expect(store.get("a", { versionId: "0123456789abcdef01234567" })).rejects.toThrow(
          NotFoundError,
        );
      });

      it("give what another instance has just put", async () => {
        const other = await harness.open();

        await put("a", "hello");

        expect(await textOf(other, "a")).toBe("hello");
      });

      it("locate an older version, one that a marker hides too, until it is removed", async () => {
        const { versionId } = await put("a/b.parquet", "hello");
        const newer = await put("a/b.parquet", "world");
        await store.remove("a/b.parquet");

        const path = await store.locate("a/b.parquet", { versionId });

        expect(await store.locate("a/b.parquet", { versionId: newer.versionId })).not.toBe(path);
        await store.removeVersions([{ key: "a/b.parquet", versionId }]);
        await expect(store.locate("a/b.parquet", { versionId })).rejects.toThrow(NotFoundError);
        await expect(store.locate("a/c.parquet", { versionId: newer.versionId })).rejects.toThrow(
          NotFoundError,
        );
      });

      it("locate an object by a name that keeps the extension of its key", async () => {
        await put("offline/a/b.parquet", "hello");

        expect(await store.locate("offline/a/b.parquet")).toMatch(
          /offline\/a\/b\..*parquet$|offline\/a\/b\.parquet$/,
        );
      });
    });

    describe("list", () => {
      it("gives the current objects whose key begins with the prefix, ascending by the bytes of the key", async () => {
        for (const key of ["p/b", "p/a", "p/a/1", "p/a-1", "p/B", "p/\u{1F600}", "p/\uFF5E", "q/a", "p"]) {
          await put(key, key);
        }

        expect(await keysOf("p/")).toEqual([
          "p/B",
          "p/a",
          "p/a-1",
          "p/a/1",
          "p/b",
          "p/\uFF5E",
          "p/\u{1F600}",
        ]);
        expect(await keysOf("p/a")).toEqual(["p/a", "p/a-1", "p/a/1"]);
        expect(await keysOf("")).toHaveLength(9);
        expect(await keysOf("nothing")).toEqual([]);
      });

      it("gives one entry a key, that of its newest version, and none for a removed key", async () => {
        await put("a", "hello");
        const newest = await put("a", "world");
        await put("b", "hello");
        await store.remove("b");

        expect(await store.list("")).toEqual([newest]);
      });
    });

    describe("remove", () => {
      it("hides the key and keeps its versions", async () => {
        const { versionId } = await put("a", "hello");

        await store.remove("a");

        expect(await store.find("a")).toBeUndefined();
        await expect(store.get("a")).rejects.toThrow(NotFoundError);
        await expect(store.locate("a")).rejects.toThrow(NotFoundError);
        expect(await textOf(store, "a", versionId)).toBe("hello");
      });

      it("leaves a marker that holds no bytes", async () => {
        await put("a", "hello");
        await store.remove("a");

        const [marker] = await store.listVersions("a");

        expect(marker).toMatchObject({ key: "a", isLatest: true, isDeleteMarker: true, sizeBytes: 0 });
        await expect(store.get("a", { versionId: marker?.versionId ?? "" })).rejects.toThrow();
      });

      it("is no error for a key that never was", async () => {
        await store.remove("never");

        expect(await store.find("never")).toBeUndefined();
      });
    });

    describe("listVersions", () => {
      it("gives every version and marker, ascending by key, newest first within a key", async () => {
        const a1 = await put("p/a", "hello");
        const b1 = await put("p/b", "hello");
        const a2 = await put("p/a", "world");
        await store.remove("p/a");
        await put("q", "hello");

        const versions = await store.listVersions("p/");
        const [marker] = versions;

        expect(
          versions.map(({ key, versionId, isLatest, isDeleteMarker, sizeBytes }) => [
            key,
            versionId,
            isLatest,
            isDeleteMarker,
            sizeBytes,
          ]),
        ).toEqual([
          ["p/a", marker?.versionId, true, true, 0],
          ["p/a", a2.versionId, false, false, 5],
          ["p/a", a1.versionId, false, false, 5],
          ["p/b", b1.versionId, true, false, 5],
        ]);
      });
    });

    describe("removeVersions", () => {
      it("removes these versions for good and no others", async () => {
        const first = await put("a", "hello");
        await put("a", "world");

        await store.removeVersions([first]);

        await expect(store.get("a", { versionId: first.versionId })).rejects.toThrow(NotFoundError);
        expect(await textOf(store, "a")).toBe("world");
        expect(await store.listVersions("a")).toHaveLength(1);
      });

      it("makes the version before current when the newest goes, be it an object or a marker", async () => {
        await put("a", "hello");
        const second = await put("a", "world");

        await store.removeVersions([second]);
        const afterObject = await textOf(store, "a");
        await store.remove("a");
        const [marker] = await store.listVersions("a");
        await store.removeVersions(marker === undefined ? [] : [marker]);

        expect(afterObject).toBe("hello");
        expect(await textOf(store, "a")).toBe("hello");
        expect(await store.listVersions("a")).toHaveLength(1);
      });

      it("is no error for versions that are gone already", async () => {
        const first = await put("a", "hello");

        await store.removeVersions([first]);
        await store.removeVersions([first, { key: "b", versionId: first.versionId }]);

        expect(await store.listVersions("")).toEqual([]);
      });

      it("leaves a version alone that is named under another key", async () => {
        const { versionId } = await put("a", "hello");

        await store.removeVersions([{ key: "b", versionId }]);

        expect(await textOf(store, "a")).toBe("hello");
      });
    });

    it.each(["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", "a\0b", "é".repeat(513), `a/${"\ud800"}`])(
      "refuses the key %j on every way in",
      async (key) => {
        await put("a", "hello");
        const path = fileOf("hello");

        await expect(store.put(key, bytes("x"))).rejects.toThrow(InvalidInputError);
        await expect(store.putFile(key, path)).rejects.toThrow(InvalidInputError);
        await expect(store.copy("a", key)).rejects.toThrow(InvalidInputError);
        await expect(store.remove(key)).rejects.toThrow(InvalidInputError);
        expect(await keysOf("")).toEqual(["a"]);
      },
    );
  });
}
