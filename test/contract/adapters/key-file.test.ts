import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureKeyFile } from "@steward/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { raceChildren } from "../support/child.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

describe("ensureKeyFile", () => {
  let folder: string;

  beforeEach(() => {
    folder = makeTemporaryFolder();
  });

  afterEach(() => {
    removeFolder(folder);
  });

  it("creates a key of 32 bytes that its owner alone may read, and gives the same ever after", () => {
    const first = ensureKeyFile({ folder: join(folder, "keys"), purpose: "suppression" });
    const second = ensureKeyFile({ folder: join(folder, "keys"), purpose: "suppression" });

    expect(first).toHaveLength(32);
    expect(second).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(8);
    expect(statSync(join(folder, "keys", "suppression.key")).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, "keys"))).toEqual(["suppression.key"]);
  });

  it("gives each purpose a key of its own", () => {
    const one = ensureKeyFile({ folder, purpose: "suppression" });

    expect(ensureKeyFile({ folder, purpose: "certificate" })).not.toEqual(one);
  });

  it("gives all processes that create it at once the same key", async () => {
    const keys = join(folder, "keys");

    const outputs = await raceChildren("key-reader", Array(4).fill([keys]));

    expect(new Set(outputs.flat()).size).toBe(1);
    expect(readdirSync(keys)).toEqual(["suppression.key"]);
  });

  it.each([0, 31, 33])("refuses a key of %i bytes and leaves the file as it is", (length) => {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "suppression.key");
    writeFileSync(file, Buffer.alloc(length, 7), { mode: 0o600 });

    expect(() => ensureKeyFile({ folder, purpose: "suppression" })).toThrow(`32 bytes, not ${length}`);
    expect(statSync(file).size).toBe(length);
  });

  it("refuses a key that others may read", () => {
    ensureKeyFile({ folder, purpose: "suppression" });
    chmodSync(join(folder, "suppression.key"), 0o644);

    expect(() => ensureKeyFile({ folder, purpose: "suppression" })).toThrow(/chmod 600/);
  });

  it("refuses a purpose that is no plain name", () => {
    expect(() => ensureKeyFile({ folder, purpose: "../escape" })).toThrow(/purpose of a key/);
    expect(existsSync(join(folder, "..", "escape.key"))).toBe(false);
  });
});
