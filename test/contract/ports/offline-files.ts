// The rules of the port OfflineFiles, for every adapter.

import { type FeatureGroup, type FeatureRecord, NotFoundError, type OfflineFiles } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aFeatureGroup, toPlain } from "../../support/builders.ts";
import { at } from "../support/batch-engine-harness.ts";

/** One row of an offline file; features that are not given are NULL. */
export interface OfflineRow {
  readonly recordId: string;
  readonly eventTime: string;
  readonly apiInvocationTime?: string;
  readonly writeTime?: string;
  readonly isDeleted?: boolean;
  readonly features?: Readonly<Record<string, string | number>>;
}

export interface OfflineFilesHarness {
  readonly files: OfflineFiles;
  /** Writes a Parquet file with these rows in this order under the key; columns of the group but for those left out. */
  write(
    group: FeatureGroup,
    key: string,
    rows: readonly OfflineRow[],
    without?: readonly string[],
  ): Promise<void>;
  close(): Promise<void>;
}

const group = aFeatureGroup();
const AS_OF = at("2025-02-01");

export function describeOfflineFiles(name: string, open: () => Promise<OfflineFilesHarness>): void {
  describe(name, () => {
    let harness: OfflineFilesHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const latest = async (
      files: readonly (readonly OfflineRow[])[],
      query: { readonly asOfMs?: typeof AS_OF; readonly recordIds?: readonly string[] } = {},
    ): Promise<readonly FeatureRecord[]> => {
      const keys = files.map((_, index) => `f${index}.parquet`);
      for (const [index, rows] of files.entries()) await harness.write(group, keys[index] ?? "", rows);
      const records: FeatureRecord[] = [];
      for await (const page of harness.files.readLatest(group, { keys, asOfMs: AS_OF, ...query }))
        records.push(...page);
      return records;
    };
    const orders = (records: readonly FeatureRecord[]) =>
      records.map(({ recordId, features }) => [recordId, features.orders_30d]);
    const row = (
      recordId: string,
      eventTime: string,
      orders_30d: number,
      more: Partial<OfflineRow> = {},
    ): OfflineRow => ({
      recordId,
      eventTime,
      features: { orders_30d },
      ...more,
    });

    it("reads a range of a file's rows in file order, values in their own types, absent ones left out", async () => {
      await harness.write(group, "a.parquet", [
        { recordId: "b", eventTime: "2025-01-01T00:00:00.000Z" },
        {
          recordId: "00042",
          eventTime: "2025-01-01T00:00:00.000Z",
          features: {
            orders_30d: 3,
            avg_order_value_30d: 2.5,
            last_ordered_at: "2024-12-31T00:00:00.000Z",
            last_channel: "shop",
          },
        },
        { recordId: "a", eventTime: "2025-01-02T00:00:00Z", features: { last_channel: "" } },
        { recordId: "c", eventTime: "2025-01-01T00:00:00.000Z" },
      ]);

      const records = await harness.files.readRows(group, "a.parquet", 1, 2);

      expect(records.map(toPlain)).toEqual([
        {
          recordId: "00042",
          eventTimeMs: at("2025-01-01"),
          features: {
            orders_30d: 3,
            avg_order_value_30d: 2.5,
            last_ordered_at: "2024-12-31T00:00:00.000Z",
            last_channel: "shop",
          },
        },
        { recordId: "a", eventTimeMs: at("2025-01-02"), features: { last_channel: "" } },
      ]);
    });

    it("reads what there is of a range that reaches past the end", async () => {
      await harness.write(group, "a.parquet", [row("a", "2025-01-01T00:00:00.000Z", 1)]);

      expect(await harness.files.readRows(group, "a.parquet", 0, 10)).toHaveLength(1);
      expect(await harness.files.readRows(group, "a.parquet", 1, 10)).toEqual([]);
    });

    it("reads features that an older file lacks as absent", async () => {
      await harness.write(group, "a.parquet", [row("a", "2025-01-01T00:00:00.000Z", 1)], ["last_channel"]);

      expect((await harness.files.readRows(group, "a.parquet", 0, 1))[0]?.features).toEqual({
        orders_30d: 1,
      });
    });

    it("reads every text as it is, control characters, NULL and the empty one told apart", async () => {
      const texts = ["\u001f", "\u001e", undefined, "", "a\u001fb", "\u001e\u001e", "\ufeffé", "\u0000", "𝔘"];
      const without = texts.filter((text) => text !== "\u001f" && text !== "a\u001fb");

      for (const [file, some] of [texts, without, ["\u001e", "x"], [undefined, "x"]].entries()) {
        const rows = some.map((last_channel, index) => ({
          recordId: `${index}\u001e`,
          eventTime: "2025-01-01T00:00:00.000Z",
          features: last_channel === undefined ? {} : { last_channel },
        }));
        await harness.write(group, `t${file}.parquet`, rows);

        const records = await harness.files.readRows(group, `t${file}.parquet`, 0, some.length);

        expect(records.map(({ features }) => features)).toEqual(rows.map(({ features }) => features));
        expect(records.map(({ recordId }) => recordId)).toEqual(rows.map(({ recordId }) => recordId));
      }
    });

    it("reads whole numbers to the last one that a double holds, and many rows in file order", async () => {
      const numbers = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0, 2 ** 52 + 1];
      const rows = Array.from({ length: 9_000 }, (_, index) =>
        row(String((index * 7_919) % 9_000), "2025-01-01T00:00:00.000Z", numbers[index % 4] ?? 0),
      );
      await harness.write(group, "a.parquet", rows);

      const records = await harness.files.readRows(group, "a.parquet", 1_000, 7_000);

      expect(orders(records)).toEqual(
        rows.slice(1_000, 8_000).map(({ recordId, features }) => [recordId, features?.orders_30d]),
      );
    });

    it("tells a number that is none from an absent one", async () => {
      const numbers = [Number.NaN, undefined, 0, 2.5, undefined];
      for (const [file, some] of [numbers, numbers.slice(1), [Number.NaN], [undefined]].entries()) {
        const rows = some.map((avg_order_value_30d, index) => ({
          recordId: `${index}`,
          eventTime: "2025-01-01T00:00:00.000Z",
          features: avg_order_value_30d === undefined ? {} : { avg_order_value_30d },
        }));
        await harness.write(group, `n${file}.parquet`, rows);

        const records = await harness.files.readRows(group, `n${file}.parquet`, 0, some.length);

        expect(records.map(({ features }) => features)).toEqual(rows.map(({ features }) => features));
        const index = group.features.findIndex(({ name }) => name === "avg_order_value_30d");
        expect(records.map((record) => record.valueAt?.(index))).toEqual(some);
      }
    });

    it("refuses a key that is not there", async () => {
      await expect(harness.files.readRows(group, "none.parquet", 0, 1)).rejects.toBeInstanceOf(NotFoundError);
    });

    it("gives each identifier once, its latest row by event time, ascending by the bytes of the identifier", async () => {
      const records = await latest([
        [
          row("é", "2025-01-01T00:00:00.000Z", 1),
          row("b", "2025-01-03T00:00:00.000Z", 2),
          row("B", "2025-01-01T00:00:00.000Z", 3),
        ],
        [
          row("b", "2025-01-02T00:00:00.000Z", 4),
          row("é", "2025-01-01T00:00:00.001Z", 5),
          row("10", "2025-01-01T00:00:00.000Z", 6),
          row("9", "2025-01-01T00:00:00.000Z", 7),
        ],
      ]);

      expect(orders(records)).toEqual([
        ["10", 6],
        ["9", 7],
        ["B", 3],
        ["b", 2],
        ["é", 5],
      ]);
    });

    it("reads nothing dated after the as-of, and what is dated at it", async () => {
      const records = await latest([
        [
          row("a", "2025-01-31T00:00:00.000Z", 1),
          row("a", "2025-02-01T00:00:00.000Z", 2),
          row("a", "2025-02-01T00:00:00.001Z", 3),
          row("b", "2025-02-02T00:00:00.000Z", 4),
        ],
      ]);

      expect(orders(records)).toEqual([["a", 2]]);
    });

    it("breaks ties of event time by api_invocation_time, then by write_time", async () => {
      const eventTime = "2025-01-01T00:00:00.000Z";
      const records = await latest([
        [
          row("a", eventTime, 1, { apiInvocationTime: "2025-01-03", writeTime: "2025-01-03" }),
          row("a", eventTime, 2, { apiInvocationTime: "2025-01-02", writeTime: "2025-01-09" }),
          row("b", eventTime, 3, { apiInvocationTime: "2025-01-02", writeTime: "2025-01-04" }),
          row("b", eventTime, 4, { apiInvocationTime: "2025-01-02", writeTime: "2025-01-05" }),
        ],
      ]);

      expect(orders(records)).toEqual([
        ["a", 1],
        ["b", 4],
      ]);
    });

    it("leaves out a record whose latest row is a tombstone; a later row brings it back", async () => {
      const records = await latest([
        [
          row("gone", "2025-01-01T00:00:00.000Z", 1),
          row("gone", "2025-01-02T00:00:00.000Z", 0, { isDeleted: true }),
          row("back", "2025-01-01T00:00:00.000Z", 0, { isDeleted: true }),
          row("back", "2025-01-02T00:00:00.000Z", 2),
          row("tied", "2025-01-01T00:00:00.000Z", 0, { isDeleted: true }),
          row("tied", "2025-01-01T00:00:00.000Z", 3),
        ],
      ]);

      expect(orders(records)).toEqual([["back", 2]]);
    });

    it("gives only the identifiers that are asked for", async () => {
      const rows = ["a", "b'", "c"].map((id) => row(id, "2025-01-01T00:00:00.000Z", 1));

      expect(orders(await latest([rows], { recordIds: ["b'", "none"] }))).toEqual([["b'", 1]]);
      expect(await latest([rows], { recordIds: [] })).toEqual([]);
    });

    it("pages: every record once, in order, whatever their number", async () => {
      const ids = Array.from({ length: 10_000 }, (_, index) => String(index).padStart(5, "0"));

      const records = await latest([ids.map((id) => row(id, "2025-01-01T00:00:00.000Z", 1)).reverse()]);

      expect(records.map(({ recordId }) => recordId)).toEqual(ids);
    });

    it("gives nothing where no file counts", async () => {
      expect(await latest([])).toEqual([]);
    });
  });
}
