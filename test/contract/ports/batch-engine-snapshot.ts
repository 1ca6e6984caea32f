// The rules of BatchEngine.snapshot: which row of a record counts, what is left out, the layout, the same bytes each time.

import {
  count,
  DataRejectedError,
  entity,
  featureGroup,
  latest,
  type OfflineFile,
  type SnapshotJob,
} from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  at,
  type BatchEngineHarness,
  type OpenBatchEngine,
  only,
  putParquet,
  readings,
  rowGroupsOf,
  stagedRows,
} from "../support/batch-engine-harness.ts";

const meterReadings = featureGroup("meter-readings", {
  entity: entity("meter", { key: "id" }),
  source: readings,
  owner: "growth",
  features: { readings_7d: count().over("7 days"), last_note: latest("note") },
});
const AS_OF = at("2025-06-01");

interface Row {
  readonly id: string;
  readonly value?: number;
  readonly note?: string;
  readonly time?: string;
  readonly invoked?: string;
  readonly written?: string;
  readonly deleted?: boolean;
}

/** Rows in the layout of the offline store; what is not given is alike in all of them. */
function rowsSql(rows: readonly Row[]): string {
  const values = rows.map(
    ({ id, value = 1, note, time = "2025-05-01", invoked = time, written = invoked, deleted = false }) =>
      `('${id}', ${value}::BIGINT, ${note === undefined ? "NULL" : `'${note}'`}, '${time}T00:00:00.000Z',
        TIMESTAMP '${written}', TIMESTAMP '${invoked}', ${deleted})`,
  );
  return `SELECT * FROM (VALUES ${values.join(", ")})
    AS r(id, readings_7d, last_note, event_time, write_time, api_invocation_time, is_deleted)`;
}

export function describeSnapshot(open: OpenBatchEngine): void {
  describe("snapshot", () => {
    let harness: BatchEngineHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    let fileCount = 0;
    const put = (rows: readonly Row[]) =>
      putParquet(harness, `offline/${String(++fileCount).padStart(5, "0")}.parquet`, rowsSql(rows));
    const snapshot = (files: readonly OfflineFile[], overrides: Partial<SnapshotJob> = {}) =>
      harness.engine.snapshot({
        group: meterReadings,
        asOfMs: AS_OF,
        files,
        suppressions: [],
        outputPrefix: "staging/1/",
        rowsPerFile: 1_000_000,
        rowsPerRowGroup: 100_000,
        rowsPerChunk: 4_096,
        ...overrides,
      });
    const recordsOf = async (files: readonly OfflineFile[], overrides: Partial<SnapshotJob> = {}) => {
      const staged = await snapshot(files, overrides);
      return (await Promise.all(staged.files.map(({ key }) => stagedRows(harness, key)))).flat();
    };
    /** By identifier, the value that counts. */
    const valuesOf = async (files: readonly OfflineFile[], overrides: Partial<SnapshotJob> = {}) =>
      Object.fromEntries(
        (await recordsOf(files, overrides)).map((row) => [String(row.id), Number(row.readings_7d)]),
      );
    const suppress = (id: string, until: string | undefined) => ({
      entity: "meter",
      pseudonym: harness.pseudonymiser.pseudonym("meter", id),
      untilMs: until === undefined ? undefined : at(until),
    });

    it("takes of each record the row of the latest event time, whichever file it is in", async () => {
      const files = [
        await put([
          { id: "a", time: "2025-05-02", value: 2 },
          { id: "b", time: "2025-05-01", value: 1 },
        ]),
        await put([
          { id: "a", time: "2025-05-01", value: 1, invoked: "2025-05-09" },
          { id: "b", time: "2025-05-02", value: 2 },
        ]),
      ];

      expect(await valuesOf(files)).toEqual({ a: 2, b: 2 });
    });

    it("takes of rows of one event time the one that was invoked last, then the one written last", async () => {
      const file = await put([
        { id: "a", value: 2, invoked: "2025-05-03", written: "2025-05-03" },
        { id: "a", value: 1, invoked: "2025-05-02", written: "2025-05-09" },
        { id: "b", value: 1, invoked: "2025-05-02", written: "2025-05-03" },
        { id: "b", value: 2, invoked: "2025-05-02", written: "2025-05-04" },
      ]);

      expect(await valuesOf([file])).toEqual({ a: 2, b: 2 });
    });

    it("leaves out rows dated after the as-of and keeps one dated at it", async () => {
      const file = await put([
        { id: "a", time: "2025-06-01", value: 1 },
        { id: "a", time: "2025-06-02", value: 2 },
        { id: "b", time: "2025-06-02", value: 2 },
      ]);

      expect(await valuesOf([file])).toEqual({ a: 1 });
    });

    it("leaves out a record whose latest row is a tombstone, and takes one that came back after it", async () => {
      const file = await put([
        { id: "gone", time: "2025-05-01" },
        { id: "gone", time: "2025-05-02", deleted: true },
        { id: "back", time: "2025-05-02", deleted: true },
        { id: "back", time: "2025-05-03", value: 3 },
        { id: "tie", time: "2025-05-02", deleted: true },
        { id: "tie", time: "2025-05-02", value: 4 },
      ]);

      expect(await valuesOf([file])).toEqual({ back: 3 });
    });

    it("drops the rows of a suppressed subject dated at or before its time, and all where it has none", async () => {
      const file = await put([
        { id: "a", time: "2025-05-01" },
        { id: "b", time: "2025-05-02", value: 2 },
        { id: "b", time: "2025-05-03", value: 3 },
        { id: "c", time: "2025-05-03" },
        { id: "d", time: "2025-05-03", value: 5 },
      ]);

      expect(
        await valuesOf([file], {
          suppressions: [
            suppress("a", "2025-05-01"),
            suppress("b", "2025-05-02"),
            suppress("c", undefined),
            { ...suppress("d", undefined), entity: "customer" },
          ],
        }),
      ).toEqual({ b: 3, d: 5 });
    });

    it("brings back no older row that the suppression covers as well", async () => {
      const file = await put([
        { id: "a", time: "2025-05-01", value: 1 },
        { id: "a", time: "2025-05-02", value: 2 },
      ]);

      expect(await valuesOf([file], { suppressions: [suppress("a", "2025-05-02")] })).toEqual({});
    });

    it("keeps identifier, event time and both write times as they were, in the group's layout, with the pseudonym", async () => {
      const file = await put([
        { id: "00042", note: "ok", time: "2025-05-01", invoked: "2025-05-02", written: "2025-05-03" },
      ]);

      expect(await recordsOf([file])).toEqual([
        {
          _pseudonym: harness.pseudonymiser.pseudonym("meter", "00042"),
          id: "00042",
          last_note: "ok",
          readings_7d: "1",
          event_time: "2025-05-01T00:00:00.000Z",
          write_time: "2025-05-03 00:00:00",
          api_invocation_time: "2025-05-02 00:00:00",
          is_deleted: false,
        },
      ]);
    });

    it("reads files of an earlier version of the group, whose missing features have no value", async () => {
      const old = await putParquet(
        harness,
        "offline/old.parquet",
        `SELECT * EXCLUDE (last_note) FROM (${rowsSql([{ id: "a" }])})`,
      );

      const records = await recordsOf([old, await put([{ id: "b", note: "new" }])]);

      expect(records.map(({ id, last_note }) => [id, last_note]).sort()).toEqual([
        ["a", null],
        ["b", "new"],
      ]);
    });

    it("sorts by hot-store tag, then identifier, and cuts files and row groups as asked", async () => {
      const file = await put(Array.from({ length: 5_000 }, (_, id) => ({ id: `m${id}` })));

      const staged = await snapshot([file], { rowsPerFile: 3_000, rowsPerRowGroup: 2_048 });

      const rows = (await Promise.all(staged.files.map(({ key }) => stagedRows(harness, key)))).flat();
      const keys = rows.map(
        ({ id }) => `${harness.pseudonymiser.pseudonym("meter", String(id)).slice(0, 3)} ${id}`,
      );
      expect(keys).toEqual([...keys].sort());
      expect(new Set(keys).size).toBe(5_000);
      expect(staged.files.map(({ rowCount }) => rowCount)).toEqual([3_000, 2_000]);
      expect(await rowGroupsOf(harness, staged.files[0]?.key ?? "")).toEqual([2_048, 952]);
      expect(staged).toMatchObject({ recordCount: 5_000 });
    });

    it("gives the same bytes again", async () => {
      const file = await put(Array.from({ length: 3_000 }, (_, id) => ({ id: `m${id}`, value: id })));

      const bytes = [];
      for (const outputPrefix of ["staging/1/", "staging/2/"]) {
        const staged = await snapshot([file], { outputPrefix });
        bytes.push(await harness.objects.get(only(staged.files).key));
      }

      expect(bytes[0]).toEqual(bytes[1]);
    });

    it("takes a checksum of each chunk of rows, by which the reader refuses others", async () => {
      const file = await put(Array.from({ length: 10 }, (_, id) => ({ id: `m${id}`, value: id })));

      const { key, checksums } = only((await snapshot([file], { rowsPerChunk: 4 })).files);

      expect(checksums).toHaveLength(3);
      const rows = await harness.reader.readRows(meterReadings, key, 4, 4, checksums[1]);
      expect(rows).toHaveLength(4);
      await expect(harness.reader.readRows(meterReadings, key, 3, 4, checksums[1])).rejects.toThrow(
        DataRejectedError,
      );
    });

    it("gives the reader each record's pseudonym, which it believes only by the checksum", async () => {
      const file = await put(["a", "é", "00042"].map((id) => ({ id })));
      const { key, checksums } = only((await snapshot([file])).files);

      const believed = await harness.reader.readRows(meterReadings, key, 0, 3, checksums[0]);
      const unchecked = await harness.reader.readRows(meterReadings, key, 0, 3);

      expect(new Set(believed.map(({ recordId }) => recordId))).toEqual(new Set(["a", "é", "00042"]));
      for (const { recordId, pseudonym } of believed)
        expect(pseudonym).toBe(harness.pseudonymiser.pseudonym("meter", recordId));
      for (const record of unchecked) expect(record).not.toHaveProperty("pseudonym");
    });

    it("notices one changed value by the checksum", async () => {
      const before = only((await snapshot([await put([{ id: "a", value: 1 }])])).files);
      const after = only((await snapshot([await put([{ id: "a", time: "2025-05-02", value: 2 }])])).files);

      expect(after.key).toBe(before.key);
      await expect(
        harness.reader.readRows(meterReadings, after.key, 0, 1, before.checksums[0]),
      ).rejects.toThrow(/not those that were staged/);
    });

    it("stages nothing where no record is left", async () => {
      expect(await snapshot([await put([{ id: "a", time: "2025-06-02" }])])).toMatchObject({
        files: [],
        recordCount: 0,
        valueBytes: 0,
      });
    });

    it("measures what a snapshot would hold and stages nothing", async () => {
      const file = await put([{ id: "a", note: "ok" }, { id: "b" }, { id: "b", time: "2025-05-02" }]);
      const scope = { group: meterReadings, asOfMs: AS_OF, files: [file], suppressions: [] };

      const size = await harness.engine.measureSnapshot(scope);

      expect(await harness.objects.list("staging/")).toEqual([]);
      const { recordCount, valueBytes } = await snapshot([file]);
      expect(size).toEqual({ recordCount, valueBytes });
      expect(size).toEqual({ recordCount: 2, valueBytes: 2 * (1 + 24 + 11 + 1) + (9 + 2) });
    });

    it.for([
      ["is missing", async () => undefined],
      ["cannot be read as Parquet", async (bytes: Uint8Array) => bytes.slice(0, bytes.length - 9)],
      ["cannot be read as Parquet", async () => new Uint8Array()],
      ["has 2 rows where its manifest says 1", async (bytes: Uint8Array) => bytes],
    ] as const)("refuses a file that %s, naming the file and no row", async ([fault, damage]) => {
      const file = await put([{ id: "canary-one" }, { id: "canary-two" }]);
      const bytes = await damage(await harness.objects.get(file.key));
      if (bytes === undefined) await harness.objects.remove(file.key);
      else await harness.objects.put(file.key, bytes);
      const rowCount = fault.includes("manifest") ? 1 : file.rowCount;

      const failure = await snapshot([{ key: file.key, rowCount }]).catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(DataRejectedError);
      expect(String(failure)).toContain(`"${file.key}" ${fault}`);
      expect(String(failure)).not.toContain("canary");
    });

    it("names the file whose pages are damaged while its end is whole", async () => {
      const sound = await put([{ id: "a" }]);
      const file = await put(Array.from({ length: 5_000 }, (_, id) => ({ id: `m${id}`, value: id })));
      const bytes = Buffer.from(await harness.objects.get(file.key));
      bytes.fill(0xff, 4, 4_000);
      await harness.objects.put(file.key, bytes);

      await expect(snapshot([sound, file])).rejects.toThrow(`"${file.key}" cannot be read to its end`);
    });
  });
}
