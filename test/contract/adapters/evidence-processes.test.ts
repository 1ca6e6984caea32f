// The evidence under processes that append at once: one chain, one entry a request, whoever wins.

import { join } from "node:path";
import { FolderObjectStore, SystemTimer } from "@steward/adapters";
import { checkChain } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { raceChildren } from "../support/child.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

describe("appendEvidence", () => {
  let folder: string;

  beforeEach(() => {
    folder = makeTemporaryFolder();
  });

  afterEach(() => {
    removeFolder(folder);
  });

  it("keeps one chain among processes, whether they share a ledger or not", async () => {
    const requests = ["r1", "r2", "r3", "r4", "r5"];
    const root = join(folder, "objects");
    const own = (process: number) => [`own-${process}`];

    const outputs = await raceChildren("evidence-appender", [
      [join(folder, "shared.sqlite"), root, ...requests, ...own(0)],
      [join(folder, "shared.sqlite"), root, ...requests.toReversed(), ...own(1)],
      [join(folder, "other.sqlite"), root, ...own(2), ...requests],
    ]);

    const objects = new FolderObjectStore({ root, timer: new SystemTimer() });
    try {
      expect(await checkChain(objects)).toEqual({ entries: 8, fault: undefined });
    } finally {
      objects.close();
    }
    expect(outputs.flat()).toHaveLength(18);
    expect(new Set(outputs.flat()).size).toBe(8);
  });
});
