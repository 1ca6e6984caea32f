// Files dropped in a folder a source.

import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FolderIncoming } from "@steward/adapters";
import { describe, expect, it, onTestFinished } from "vitest";
import { DrivenTimer } from "../../support/durable-stores.ts";
import { describeIncoming } from "../ports/incoming.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

const LATER_MS = 3_600_000;

function aRoot(): string {
  const root = makeTemporaryFolder();
  onTestFinished(() => removeFolder(root));
  mkdirSync(join(root, "orders"));
  return root;
}

const drop = (root: string, name: string, text = "id\n1\n"): string => {
  const path = join(root, "orders", name);
  writeFileSync(path, text);
  return path;
};

/** Looks so long after the machine's now. */
const lookIn = (root: string, ms: number): FolderIncoming =>
  new FolderIncoming({ root, timer: new DrivenTimer(Date.now() + ms) });

const namesIn = async (incoming: FolderIncoming) => (await incoming.list("orders")).map(({ name }) => name);

describeIncoming("FolderIncoming", async () => {
  const root = makeTemporaryFolder();
  onTestFinished(() => removeFolder(root));
  return {
    incoming: lookIn(root, LATER_MS),
    async handIn(source, name, text) {
      mkdirSync(dirname(join(root, source, name)), { recursive: true });
      writeFileSync(join(root, source, name), text);
      return join(root, source, name);
    },
  };
});

describe("FolderIncoming", () => {
  it("does not see a file that was changed within the last two seconds, and sees it after", async () => {
    const root = aRoot();
    const path = drop(root, "a.csv");
    const changedMs = statSync(path).ctimeMs - Date.now();

    expect(await namesIn(lookIn(root, changedMs + 1_000))).toEqual([]);
    expect(await namesIn(lookIn(root, changedMs + 3_000))).toEqual([path]);
  });

  it("sees a file of a time far ahead: the machine's clock was put back, and nobody writes it", async () => {
    const root = aRoot();
    const path = drop(root, "a.csv");

    expect(await namesIn(lookIn(root, -LATER_MS))).toEqual([path]);
  });

  it("passes over folders and links to nothing", async () => {
    const root = aRoot();
    mkdirSync(join(root, "orders", "folder.csv"));
    symlinkSync(join(root, "gone"), join(root, "orders", "link.csv"));
    const whole = drop(root, "b.csv");

    expect(await namesIn(lookIn(root, LATER_MS))).toEqual([whole]);
  });

  it("lists the oldest first, and those of one time by name", async () => {
    const root = aRoot();
    const first = drop(root, "z.csv");
    await expect.poll(() => Date.now() - statSync(first).ctimeMs).toBeGreaterThan(20);
    const second = drop(root, "a.csv");

    expect(await namesIn(lookIn(root, LATER_MS))).toEqual([first, second]);
  });

  it("takes a file that was moved to its name, and one that went as gone", async () => {
    const root = aRoot();
    const path = join(root, "orders", "a.csv");
    renameSync(drop(root, ".a.csv"), path);
    const gone = drop(root, "b.csv");
    rmSync(gone);

    expect(await namesIn(lookIn(root, LATER_MS))).toEqual([path]);
  });
});
