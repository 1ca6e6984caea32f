// The order in which rows leave objects, on the real object store; files are lines of text here, a subject's name a line.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DataRejectedError,
  type ErasureFiles,
  NotFoundError,
  type ObjectStore,
  type SubjectRows,
  toEpochMs,
} from "@steward/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { eraseFiles, type FilePass } from "../../../packages/core/src/erasure/erase-files.ts";
import { readFindings, sumUnits } from "../../../packages/core/src/erasure/erasure-documents.ts";
import type { SuppressedHold } from "../../../packages/core/src/erasure/erasure-hold.ts";
import { makeTemporaryFolder, removeFolder } from "../../contract/support/temporary-folder.ts";
import { anObjectStore } from "../../support/durable-stores.ts";

const PLACE = { copy: "offline", name: "customer-orders" } as const;
const ROWS: SubjectRows = {
  layout: { kind: "offline" },
  columns: ["customer_id"],
  subjects: ["eve", "ivy"].map((identifier) => ({ identifier, untilMs: toEpochMs(1_000) })),
};
const HOLD = {
  requestId: "r1",
  suppressedAtMs: toEpochMs(1_000),
  subjects: ["eve", "ivy"].map((identifier) => ({ identifier, pseudonym: `p-${identifier}` })),
} as unknown as SuppressedHold; // what a pass over files reads of it

describe("eraseFiles", () => {
  it("writes the current object again, then removes older versions that hold rows, and leaves the others", async () => {
    const objects = anObjectStore();
    const clean = await putLines(objects, "data/a", "bob");
    await putLines(objects, "data/a", "bob eve");
    await putLines(objects, "data/a", "bob eve ann ivy");

    await erase(objects);

    expect(await contentsOf(objects, "data/a")).toEqual(["bob ann", "bob"]);
    expect((await objects.listVersions("data/a")).at(-1)?.versionId).toBe(clean);
    const [copy] = await readFindings(objects, "r1");
    expect(copy && sumUnits(copy)).toEqual({ lookedAt: 3, going: 3, newerKept: 0 });
    expect(copy?.erasedSubjects.toSorted()).toEqual(["p-eve", "p-ivy"]);
    expect(copy?.physicallyGoneAtMs).toBe(5_000);
  });

  it("purges older versions where the current one no longer holds the subject, or the key is hidden", async () => {
    const objects = anObjectStore();
    await putLines(objects, "data/a", "bob eve");
    await putLines(objects, "data/a", "bob");
    await putLines(objects, "data/b", "eve");
    await objects.remove("data/b");

    await erase(objects);

    expect(await contentsOf(objects, "data/a")).toEqual(["bob"]);
    expect((await objects.listVersions("data/b")).map(({ isDeleteMarker }) => isDeleteMarker)).toEqual([
      true,
    ]);
  });

  it("removes every version of an object of which no row is left, so that no older one becomes the current", async () => {
    const objects = anObjectStore();
    await putLines(objects, "data/a", "bob");
    await putLines(objects, "data/a", "eve");

    await erase(objects);

    expect(await objects.listVersions("data/a")).toEqual([]);
  });

  it("looks again where another changed the object in the middle, and loses neither change", async () => {
    const objects = anObjectStore();
    await putLines(objects, "data/a", "bob eve");
    let isFirst = true;

    await erase(objects, {
      beforeWrite: async () => {
        if (isFirst) await putLines(objects, "data/a", "bob eve ann");
        isFirst = false;
      },
    });

    expect(await contentsOf(objects, "data/a")).toEqual(["bob ann"]);
  });

  it("erases all others where a file cannot be written again, then says which it was", async () => {
    const objects = anObjectStore();
    await putLines(objects, "data/a", "bob eve");
    await putLines(objects, "data/odd", "bob eve");

    await expect(erase(objects)).rejects.toThrow("data/odd");

    expect(await contentsOf(objects, "data/a")).toEqual(["bob"]);
    expect(await contentsOf(objects, "data/odd")).toEqual(["bob eve"]);
    expect((await readFindings(objects, "r1"))[0]?.physicallyGoneAtMs).toBeNull();
  });

  it("adds nothing to what was found when it is done again", async () => {
    const objects = anObjectStore();
    await putLines(objects, "data/a", "bob eve");
    await erase(objects);
    const before = (await readFindings(objects, "r1"))[0]?.units;

    await erase(objects);

    expect((await readFindings(objects, "r1"))[0]?.units).toEqual(before);
  });
});

interface Options {
  readonly beforeWrite?: () => Promise<void>;
}

async function erase(objects: ObjectStore, options: Options = {}): Promise<void> {
  const pass: FilePass = { place: PLACE, versions: await objects.listVersions("data/"), rows: ROWS };
  const ports = {
    objects,
    clock: { now: () => toEpochMs(5_000) },
    erasureFiles: lineFiles(objects, options),
  };
  await eraseFiles(ports, HOLD, pass);
}

async function putLines(objects: ObjectStore, key: string, lines: string): Promise<string> {
  const outcome = await objects.put(key, new TextEncoder().encode(lines));
  if (outcome.kind === "conflict") throw new RangeError("nobody else writes here");
  return outcome.object.versionId;
}

/** Newest first. */
async function contentsOf(objects: ObjectStore, key: string): Promise<readonly string[]> {
  const versions = (await objects.listVersions(key)).filter(({ isDeleteMarker }) => !isDeleteMarker);
  return Promise.all(versions.map(({ versionId }) => readLines(objects, key, versionId)));
}

async function readLines(objects: ObjectStore, key: string, versionId: string): Promise<string> {
  return new TextDecoder().decode(await objects.get(key, { versionId }));
}

function lineFiles(objects: ObjectStore, { beforeWrite = async () => {} }: Options): ErasureFiles {
  const folder = makeTemporaryFolder();
  onTestFinished(() => removeFolder(folder));
  const names = ROWS.subjects.map(({ identifier }) => identifier);
  const countEach: ErasureFiles["countEach"] = async ({ key, versionId }) => {
    const lines = (await readLines(objects, key, versionId)).split(" ");
    const named = names.map((name, subject) => ({
      subject,
      rows: lines.filter((line) => line === name).length,
      newerRows: 0,
    }));
    return {
      rows: named.reduce((sum, { rows }) => sum + rows, 0),
      newerRows: 0,
      named: named.filter(({ rows }) => rows > 0),
    };
  };
  return {
    countEach,
    async count() {
      throw new NotFoundError("a pass counts each");
    },
    async scan() {
      throw new NotFoundError("a pass does not scan");
    },
    async rewrite({ key, versionId }) {
      if (key === "data/odd") throw new DataRejectedError(`"${key}" has a column that could not be kept`);
      const lines = (await readLines(objects, key, versionId)).split(" ");
      const kept = lines.filter((line) => !names.includes(line));
      await beforeWrite();
      if (kept.length === 0) return { path: undefined, rowCount: 0, erasedCount: lines.length };
      const path = join(folder, key.replace("/", "-"));
      writeFileSync(path, kept.join(" "));
      return { path, rowCount: kept.length, erasedCount: lines.length - kept.length };
    },
  };
}
