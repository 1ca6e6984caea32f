import { join } from "node:path";
import {
  DuckDbBatchEngine,
  DuckDbOfflineFiles,
  DuckDbRowEraser,
  FolderObjectStore,
  HmacPseudonymiser,
  ParquetErasureFiles,
} from "@steward/adapters";
import {
  count,
  type ErasureFiles,
  entity,
  type FileVersion,
  featureGroup,
  latest,
  type RowLayout,
  type SubjectRows,
  sum,
} from "@steward/core";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toPlain } from "../../support/builders.ts";
import {
  anAppendJob,
  appendRows,
  at,
  type BatchEngineHarness,
  readings,
  setAsideOf,
  stagedRows,
  writeInput,
} from "../support/batch-engine-harness.ts";
import { FakeTimer } from "../support/fake-timer.ts";
import { footerOf, openErasureFiles, rowsOf as readRows } from "../support/parquet-files.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

const UNTIL = at("2025-06-01");
const group = featureGroup("meter-readings", {
  entity: entity("meter", { key: "id" }),
  source: readings,
  owner: "growth",
  features: { readings_7d: count().over("7 days"), counted: sum("count"), last_note: latest("note") },
});

function rowsOf(layout: RowLayout): SubjectRows {
  return { layout, columns: ["id", "note"], subjects: [{ identifier: "00042", untilMs: UNTIL }] };
}

describe("ParquetErasureFiles, of files that the batch engine staged", () => {
  let harness: BatchEngineHarness;
  let files: ErasureFiles;
  beforeEach(() => {
    const folder = makeTemporaryFolder();
    const scratch = join(folder, "scratch");
    const objects = new FolderObjectStore({ root: join(folder, "objects"), timer: new FakeTimer() });
    const pseudonymiser = new HmacPseudonymiser(new Uint8Array(32).fill(7));
    harness = {
      engine: new DuckDbBatchEngine({ objects, pseudonymiser, scratch }),
      objects,
      reader: new DuckDbOfflineFiles({ objects, scratch }),
      pseudonymiser,
      folder,
      handIn: (name, content) => writeInput(folder, name, content),
      close: async () => {
        objects.close();
        removeFolder(folder);
      },
    };
    files = new ParquetErasureFiles({ objects, scratch, eraser: new DuckDbRowEraser({ scratch }) });
  });
  afterEach(() => harness.close());

  const current = async (key = ""): Promise<FileVersion> => {
    const object = await harness.objects.find(key);
    if (object === undefined) throw new Error(`there is no ${key}`);
    return object;
  };
  /** Erases in place, as core does. */
  const erase = async (key: string | undefined, layout: RowLayout): Promise<number> => {
    const version = await current(key);
    const { path = "", erasedCount } = await files.rewrite(version, rowsOf(layout));
    await harness.objects.putFile(version.key, path);
    return erasedCount;
  };

  it("erases events that name the subject in either column, up to the time, and keeps file and row of the others", async () => {
    const file = await appendRows(
      harness,
      "00042,2025-01-01,1,2.50,,,,\n42,2025-01-01,1,2.50,,,,\n00042,2025-06-01T00:00:00.001Z,1,2.50,,,,\nm1,2025-06-01,1,2.50,,,,00042\n",
    );
    const before = await stagedRows(harness, file.eventKey);

    expect(await erase(file.eventKey, { kind: "events", eventTime: "at" })).toBe(2);

    expect(await stagedRows(harness, file.eventKey)).toEqual([before[1], before[2]]);
  });

  it("erases set-aside rows; the others are listed and tried again as before", async () => {
    const file = await appendRows(
      harness,
      "00042,2025-01-01,x,2.50,,,,\n00042,2025-13-01,1,2.50,,,,\nm1,2025-01-01,x,2.50,,,,\nzz,00042\n00042,2025-07-01,x,2.50,,,,\n",
    );

    expect(await erase(file.setAsideKey, { kind: "set-aside", eventTimeIndex: 1 })).toBe(3);

    expect(await setAsideOf(harness, file)).toEqual([
      [3, "count", "type"],
      [5, "count", "type"],
    ]);
    const again = await harness.engine.replaySetAside({
      ...anAppendJob({ files: [], outputPrefix: "events/2/" }),
      setAsideKeys: [file.setAsideKey ?? ""],
    });
    expect(again).toMatchObject([{ name: file.name, contentId: file.contentId, setAsideCount: 2 }]);
  });

  it("erases an offline record; the others are read as before", async () => {
    const events = await appendRows(
      harness,
      Array.from({ length: 3000 }, (_, id) => `m${id},2025-01-31,${id},2.50,,,,note ${id}\n`).join("") +
        "00042,2025-01-31,1,2.50,,,,\n",
    );
    const { files: staged } = await harness.engine.compute({
      group,
      asOfMs: at("2025-02-01"),
      writeTimeMs: at("2025-03-01"),
      events: [{ key: events.eventKey ?? "", name: events.name, sequence: 1 }],
      suppressions: [],
      outputPrefix: "offline/1/",
      rowsPerFile: 1_000_000,
      rowsPerRowGroup: 1_000,
    });
    const key = staged[0]?.key ?? "";
    const before = (await harness.reader.readRows(group, key, 0, 3001)).map(toPlain);

    expect(await erase(key, { kind: "offline" })).toBe(1);

    const after = (await harness.reader.readRows(group, key, 0, 3001)).map(toPlain);
    expect(after).toHaveLength(3000);
    expect(after).toEqual(before.filter(({ recordId }) => recordId !== "00042"));
  });
});

describe("ParquetErasureFiles, of files as the emulator flushes them", () => {
  it("keeps milliseconds with their old annotation, and every other word of the schema", async () => {
    const harness = await openErasureFiles();
    const written = new Date("2026-01-01T00:00:00.123Z");
    const file = await harness.putBytes(
      "offline/20260101T000000Z_0123456789abcdef.parquet",
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: "id", data: ["a", "00042", "b"], type: "STRING" },
            { name: "event_time", data: Array(3).fill("2025-01-01T00:00:00Z"), type: "STRING" },
            { name: "n", data: [1n, 2n, null], type: "INT64" },
            { name: "write_time", data: Array(3).fill(written), type: "TIMESTAMP" },
            { name: "is_deleted", data: [true, false, false], type: "BOOLEAN" },
          ],
        }),
      ),
    );

    const { path = "" } = await harness.files.rewrite(file, rowsOf({ kind: "offline" }));

    const rest = { event_time: "2025-01-01T00:00:00Z", write_time: written };
    expect(await readRows(path)).toEqual([
      { ...rest, id: "a", n: 1n, is_deleted: true },
      { ...rest, id: "b", n: null, is_deleted: false },
    ]);
    const original = await footerOf(await harness.objects.locate(file.key));
    expect((await footerOf(path)).schema).toEqual(original.schema);
    expect(original.schema.find(({ name }) => name === "write_time")).toMatchObject({
      type: "INT64",
      converted_type: "TIMESTAMP_MILLIS",
      logical_type: undefined,
    });
    await harness.close();
  });
});

describe("ParquetErasureFiles, by both of its readers", () => {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
  const twoOf = (greatest: number) =>
    fc.integer({ min: 0, max: greatest }).map((number) => String(number).padStart(2, "0"));
  const days = fc
    .tuple(fc.oneof(fc.constantFrom("2025", "0001", "0000", "9999", "1969"), digits(4)), twoOf(13), twoOf(32))
    .map((parts) => parts.join("-"));
  /** Half of them within a day of the subject's time, so that each part of a text may decide. */
  const instants = fc
    .tuple(
      fc.oneof(days, fc.constantFrom("2025-05-31", "2025-06-01")),
      fc.oneof(twoOf(25), fc.constantFrom("00", "23")),
      twoOf(61),
      fc.oneof(twoOf(61), fc.constantFrom("00", "59")),
      fc.stringMatching(/^(\.[0-9]{0,10})?$/),
      fc.oneof(
        fc.constantFrom("-14:00", "+23:59", "", "z", "+1:00"),
        fc.constant("Z"),
        fc.constant("+00:30"),
      ),
    )
    .map(
      ([day, hour, minute, second, fraction, offset]) =>
        `${day}T${hour}:${minute}:${second}${fraction}${offset}`,
    );
  const others = fc.constantFrom(
    "",
    " ",
    "now",
    "infinity",
    "epoch",
    "2025-1-1",
    "2025-01-01 00:00:00",
    "NaN",
  );

  it("dates every text alike", async () => {
    const harness = await openErasureFiles();
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(instants, instants, days, others), { minLength: 500, maxLength: 1000 }),
          async (texts) => {
            const values = texts.map((text, n) => `('a', '${text}', ${n})`).join(", ");
            const file = await harness.putRows(
              "a.parquet",
              `SELECT * FROM (VALUES ${values}, ('b', NULL, -1)) AS t(customer_id, event_time, n)`,
            );
            const rows: SubjectRows = {
              layout: { kind: "offline" },
              columns: ["customer_id"],
              subjects: [{ identifier: "a", untilMs: UNTIL }],
            };

            expect(await harness.files.scan(file, rows)).toEqual(await harness.files.count(file, rows));
            // Refused where the two did not mean the same rows.
            await harness.files.rewrite(file, rows);
          },
        ),
        { numRuns: 15, endOnFailure: true },
      );
    } finally {
      await harness.close();
    }
  });
});
