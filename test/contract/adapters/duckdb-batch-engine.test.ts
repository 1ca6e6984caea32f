import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DuckDbBatchEngine,
  DuckDbOfflineFiles,
  FolderObjectStore,
  HmacPseudonymiser,
} from "@steward/adapters";
import { count, entity, featureGroup } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeBatchEngine } from "../ports/batch-engine.ts";
import {
  at,
  type BatchEngineHarness,
  putParquet,
  readings,
  writeInput,
} from "../support/batch-engine-harness.ts";
import { FakeTimer } from "../support/fake-timer.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

async function open(): Promise<BatchEngineHarness> {
  const folder = makeTemporaryFolder();
  const objects = new FolderObjectStore({ root: join(folder, "objects"), timer: new FakeTimer() });
  const pseudonymiser = new HmacPseudonymiser(new Uint8Array(32).fill(7));
  return {
    engine: new DuckDbBatchEngine({ objects, pseudonymiser, scratch: join(folder, "scratch") }),
    objects,
    reader: new DuckDbOfflineFiles({ objects, scratch: join(folder, "scratch") }),
    pseudonymiser,
    folder,
    handIn: (name, content) => writeInput(folder, name, content),
    close: async () => {
      objects.close();
      removeFolder(folder);
    },
  };
}

describeBatchEngine("DuckDbBatchEngine", open);

describe("DuckDbBatchEngine on a disk", () => {
  let harness: BatchEngineHarness;
  beforeEach(async () => {
    harness = await open();
  });
  afterEach(() => harness.close());

  it("refuses a folder as an input file", async () => {
    const inspected = harness.engine.inspect(readings, { name: harness.folder });

    await expect(inspected).rejects.toThrow(/is not a file/);
  });

  it("names the file of which one bit was turned on the disk, though it can be read", async () => {
    const group = featureGroup("meter-readings", {
      entity: entity("meter", { key: "id" }),
      source: readings,
      owner: "growth",
      features: { readings_7d: count().over("7 days") },
    });
    const sql = `SELECT 'm' || range AS id, range AS readings_7d, '2025-05-01T00:00:00.000Z' AS event_time,
      TIMESTAMP '2025-05-01' AS write_time, TIMESTAMP '2025-05-01' AS api_invocation_time, false AS is_deleted
      FROM range(5000)`;
    const file = await putParquet(harness, "offline/00001.parquet", sql);
    const scope = { group, asOfMs: at("2025-06-01"), files: [file], suppressions: [] };
    expect(await harness.engine.measureSnapshot(scope)).toMatchObject({ recordCount: 5_000 });
    const path = await harness.objects.locate(file.key);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(path, bytes);

    const measured = harness.engine.measureSnapshot(scope);

    await expect(measured).rejects.toThrow(
      `"offline/00001.parquet" has lost bytes, or others stand in their place`,
    );
  });
});
