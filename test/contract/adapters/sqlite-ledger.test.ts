import { join } from "node:path";
import { SqliteLedger } from "@steward/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeLedger } from "../ports/ledger.ts";
import { killChildAfter, raceChildren } from "../support/child.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

describeLedger("SqliteLedger", async () => {
  const folder = makeTemporaryFolder();
  const opened: SqliteLedger[] = [];
  return {
    open: async () => {
      const ledger = new SqliteLedger({ file: join(folder, "ledger.sqlite") });
      opened.push(ledger);
      return ledger;
    },
    close: async () => {
      for (const ledger of opened) ledger.close();
      removeFolder(folder);
    },
  };
});

describe("SqliteLedger, shared by processes", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = makeTemporaryFolder();
    file = join(folder, "state", "ledger.sqlite");
  });

  afterEach(() => {
    removeFolder(folder);
  });

  it("lets exactly one of the processes win each version, from the opening of a new file on", async () => {
    const outputs = await raceChildren("ledger-counter", Array(4).fill([file, "1000"]));

    const ledger = new SqliteLedger({ file });
    const item = await ledger.find({ partition: "counters", sort: "one" });
    ledger.close();
    expect(item).toMatchObject({ version: 4_000, body: { count: 4_000 } });
    // The processes did meet: otherwise the test would say nothing.
    expect(
      outputs
        .flat()
        .map(Number)
        .reduce((sum, count) => sum + count),
    ).toBeGreaterThan(0);
  });

  it("keeps every acknowledged write through a SIGKILL", async () => {
    for (const lineCount of [1, 40, 333, 1_000]) {
      const lines = await killChildAfter("ledger-writer", [file], lineCount);

      const ledger = new SqliteLedger({ file });
      const items = new Map((await ledger.list("writes")).map((item) => [item.sort, item]));
      ledger.close();
      expect(lines.length).toBeGreaterThanOrEqual(lineCount);
      const last = new Map(lines.map((line) => [line.split(" ")[0] ?? "", line.split(" ").map(Number)]));
      const lostKeys = [...last].filter(
        ([sort, [, version = 0]]) => (items.get(sort)?.version ?? 0) < version,
      );
      expect(lostKeys).toEqual([]);
    }
  });

  it("refuses a file that a later version wrote, and leaves it as it is", async () => {
    const { DatabaseSync } = await import("node:sqlite");
    new SqliteLedger({ file }).close();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 99");

    expect(() => new SqliteLedger({ file })).toThrow(/later version of Steward/);
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 99 });
    database.close();
  });
});
