// The rules of the port ErasureFiles, for every adapter.

import { DataRejectedError, type FileVersion, NotFoundError, type SubjectRows } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { at } from "../support/batch-engine-harness.ts";
import { type ErasureFilesHarness, holdsText, rowsOf } from "../support/parquet-files.ts";

const UNTIL = at("2026-01-02T00:00:00Z");
const KEY = "offline/g/data/a.parquet";

function offline(...identifiers: readonly string[]): SubjectRows {
  return {
    layout: { kind: "offline" },
    columns: ["customer_id", "payer_id"],
    subjects: identifiers.map((identifier) => ({ identifier, untilMs: UNTIL })),
  };
}

/** Rows of (customer_id, event_time, n), written as SQL literals. */
function values(...rows: readonly (readonly [string | null, string | null])[]): string {
  const quote = (text: string | null) => (text === null ? "NULL" : `'${text}'`);
  const literals = rows.map(([id, time], index) => `(${quote(id)}, ${quote(time)}, ${index}::BIGINT)`);
  return `SELECT * FROM (VALUES ${literals.join(", ")}) AS t(customer_id, event_time, n)`;
}

export function describeErasureFiles(name: string, open: () => Promise<ErasureFilesHarness>): void {
  describe(name, () => {
    let harness: ErasureFilesHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const counted = async (file: FileVersion, rows: SubjectRows) => {
      const { files } = harness;
      return { count: await files.count(file, rows), scan: await files.scan(file, rows) };
    };
    const both = (rows: number, newerRows: number) => ({
      count: { rows, newerRows },
      scan: { rows, newerRows },
    });
    const rewritten = async (file: FileVersion, rows: SubjectRows) => {
      const { path, ...counts } = await harness.files.rewrite(file, rows);
      return {
        ...counts,
        path,
        left: path === undefined ? [] : (await rowsOf(path)).map(({ n }) => Number(n)),
      };
    };

    describe("whose a row is", () => {
      it("matches an identifier as whole text alone", async () => {
        const old = "2025-01-01T00:00:00Z";
        const file = await harness.putRows(
          KEY,
          values(["00042", old], ["42", old], [" 00042", old], ["000420", old], [null, old], ["00042", old]),
        );

        expect(await counted(file, offline("00042"))).toEqual(both(2, 0));
        expect((await rewritten(file, offline("00042"))).left).toEqual([1, 2, 3, 4]);
      });

      it("takes rows dated at or before the time, cut to milliseconds, and those without a date", async () => {
        const file = await harness.putRows(
          KEY,
          values(
            ["a", "2026-01-02T00:00:00Z"],
            ["a", "2026-01-02T00:00:00.0009Z"],
            ["a", "2026-01-02T00:00:00.001Z"],
            ["a", "2026-01-02T02:00:00+02:00"],
            ["a", "2026-01-01T22:00:00.001-02:00"],
            ["a", null],
            ["a", "soon"],
            ["a", "2026-02-30T00:00:00Z"],
            ["a", "2026-01-03"],
            ["a", "0001-01-01T00:00:00Z"],
            ["a", "9999-12-31T23:59:59.999999999Z"],
            ["b", "2026-01-01T00:00:00Z"],
          ),
        );

        expect(await counted(file, offline("a"))).toEqual(both(7, 4));
        expect((await rewritten(file, offline("a"))).left).toEqual([2, 4, 8, 10, 11]);
      });

      it("takes a double as seconds since 1970", async () => {
        const seconds = UNTIL / 1000;
        const file = await harness.putRows(
          KEY,
          `SELECT * FROM (VALUES ('a', ${seconds}::DOUBLE, 0), ('a', ${seconds}.0005::DOUBLE, 1),
            ('a', ${seconds}.001::DOUBLE, 2), ('a', 'NaN'::DOUBLE, 3), ('a', NULL, 4)) AS t(customer_id, event_time, n)`,
        );

        expect(await counted(file, offline("a"))).toEqual(both(4, 1));
        expect((await rewritten(file, offline("a"))).left).toEqual([2]);
      });

      it("looks into every column that the file has of those that may name a subject, each subject by its own time", async () => {
        const file = await harness.putRows(
          KEY,
          `SELECT * FROM (VALUES ('a', 'b', '2026-01-01T00:00:00Z', 0), ('b', 'a', '2026-01-01T00:00:00Z', 1),
            ('b', 'c', '2026-01-01T00:00:00Z', 2), ('b', NULL, '2025-01-01T00:00:00Z', 3))
            AS t(customer_id, payer_id, event_time, n)`,
        );
        const rows = {
          ...offline("a"),
          subjects: [
            { identifier: "a", untilMs: UNTIL },
            { identifier: "b", untilMs: at("2025-06-01T00:00:00Z") },
          ],
        };

        expect(await counted(file, rows)).toEqual(both(3, 1));
        expect((await rewritten(file, rows)).left).toEqual([2]);
      });

      it("finds nobody in a file that has no column which may name one", async () => {
        const file = await harness.putRows(KEY, "SELECT 'a' AS other, 1 AS n");

        expect(await counted(file, offline("a"))).toEqual(both(0, 0));
      });

      it("takes names of columns and subjects as they are, quotes and all", async () => {
        const file = await harness.putRows(
          KEY,
          `SELECT 'o''x"' AS "it's ""me""", '2025-01-01' AS event_time, 1 AS n`,
        );
        const rows = { ...offline(`o'x"`), columns: [`it's "me"`] };

        expect(await counted(file, rows)).toEqual(both(1, 0));
      });

      it("dates rows of the event table by their source's column", async () => {
        const file = await harness.putRows(
          "events/1/events-00000.parquet",
          `SELECT * FROM (VALUES ('a', TIMESTAMP '2026-01-02 00:00:00', 0), ('a', TIMESTAMP '2026-01-02 00:00:00.001', 1),
            ('a', NULL, 2)) AS t(customer_id, bought_at, n)`,
        );
        const rows: SubjectRows = { ...offline("a"), layout: { kind: "events", eventTime: "bought_at" } };

        expect(await counted(file, rows)).toEqual(both(2, 1));
        expect((await rewritten(file, rows)).left).toEqual([1]);
      });

      it("dates events by a day as well", async () => {
        const file = await harness.putRows(
          "events/1/events-00000.parquet",
          `SELECT * FROM (VALUES ('a', DATE '2026-01-02', 0), ('a', DATE '2026-01-03', 1)) AS t(customer_id, day, n)`,
        );

        expect(
          await counted(file, { ...offline("a"), layout: { kind: "events", eventTime: "day" } }),
        ).toEqual(both(1, 1));
      });

      it("takes a set-aside row that has the identifier in any cell, unless its event time says that it is later", async () => {
        const file = await harness.putRows(
          "events/1/set-aside-00000.parquet",
          `SELECT * FROM (VALUES (['a', '2026-01-01', 'x'], 0), (['x', 'later', 'a'], 1), (['a', '2026-01-03', NULL], 2),
            (['aa', '2026-01-01', 'x'], 3), (NULL, 4), ([]::VARCHAR[], 5), (['a'], 6), ([NULL, NULL], 7)) AS t(cells, n)`,
        );
        const rows: SubjectRows = { ...offline("a"), layout: { kind: "set-aside", eventTimeIndex: 1 } };

        expect(await counted(file, rows)).toEqual(both(3, 1));
        expect((await rewritten(file, rows)).left).toEqual([2, 3, 4, 5, 7]);
      });
    });

    describe("versions", () => {
      it("counts and scans an older version as well as the current one", async () => {
        const older = await harness.putRows(KEY, values(["a", "2025-01-01"], ["b", "2025-01-01"]));
        const current = await harness.putRows(KEY, values(["b", "2025-01-01"]));

        expect(await counted(older, offline("a"))).toEqual(both(1, 0));
        expect(await counted(current, offline("a"))).toEqual(both(0, 0));
      });

      it("says that a version is not there", async () => {
        const gone = { key: KEY, versionId: "0123456789abcdef01234567" };

        await expect(harness.files.count(gone, offline("a"))).rejects.toThrow(NotFoundError);
        await expect(harness.files.scan(gone, offline("a"))).rejects.toThrow(NotFoundError);
        await expect(harness.files.rewrite(gone, offline("a"))).rejects.toThrow(NotFoundError);
      });
    });

    describe("rewrite", () => {
      it("leaves nothing of the subject in the bytes of the new file, and counts what stays and what went", async () => {
        const file = await harness.putRows(
          KEY,
          values(["canary-17", "2025-01-01"], ["b", "2025-01-01"], ["canary-17", "2025-06-01"]),
        );

        const { path = "", rowCount, erasedCount } = await harness.files.rewrite(file, offline("canary-17"));

        expect({ rowCount, erasedCount }).toEqual({ rowCount: 1, erasedCount: 2 });
        expect(holdsText(await harness.objects.locate(KEY), "canary-17")).toBe(true);
        expect(holdsText(path, "canary-17")).toBe(false);
        expect(await harness.files.scan(file, offline("canary-17"))).toEqual({ rows: 2, newerRows: 0 });
      });

      it("gives no file when no row is left", async () => {
        const file = await harness.putRows(KEY, values(["a", "2025-01-01"], ["a", "2025-01-02"]));

        expect(await harness.files.rewrite(file, offline("a"))).toEqual({
          path: undefined,
          rowCount: 0,
          erasedCount: 2,
        });
        expect(harness.leftovers()).toEqual([]);
      });

      it("publishes nothing and leaves one file: the one it names", async () => {
        const file = await harness.putRows(KEY, values(["a", "2025-01-01"], ["b", "2025-01-01"]));

        const { path = "" } = await harness.files.rewrite(file, offline("a"));

        expect((await harness.objects.listVersions("")).map(({ versionId }) => versionId)).toEqual([
          file.versionId,
        ]);
        expect(harness.leftovers().map((name) => path.endsWith(name))).toEqual([true]);
      });
    });

    describe("files that cannot be used", () => {
      const refusal = async (file: FileVersion, rows = offline("a")): Promise<readonly unknown[]> =>
        Promise.all(
          (["count", "scan", "rewrite"] as const).map((method) =>
            harness.files[method](file, rows).then(
              () => "nothing thrown",
              (error: unknown) =>
                error instanceof DataRejectedError && error.message.includes(`"${file.key}"`)
                  ? "refused"
                  : error,
            ),
          ),
        );
      const ALL_REFUSED = ["refused", "refused", "refused"];

      it("are refused by their key when they are no Parquet, empty, or cut", async () => {
        const whole = await harness.putRows(KEY, values(["a", "2025-01-01"], ["b", "2025-01-01"]));
        const bytes = await harness.objects.get(KEY);

        expect(
          await refusal(await harness.putBytes("offline/text.parquet", Buffer.from("a,b\n1,2\n"))),
        ).toEqual(ALL_REFUSED);
        expect(await refusal(await harness.putBytes("offline/empty.parquet", new Uint8Array()))).toEqual(
          ALL_REFUSED,
        );
        for (const end of [4, 12, bytes.length - 9, bytes.length - 1])
          expect(
            await refusal(await harness.putBytes("offline/cut.parquet", bytes.subarray(0, end))),
          ).toEqual(ALL_REFUSED);
        expect(await counted(whole, offline("a"))).toEqual(both(1, 0));
        expect(harness.leftovers()).toEqual([]);
      });

      it("are refused when a column that may name a subject is no text, or nothing dates the rows", async () => {
        const number = await harness.putRows(KEY, "SELECT 42 AS customer_id, '2025-01-01' AS event_time");
        const undated = await harness.putRows(KEY, "SELECT 'a' AS customer_id");
        const counter = await harness.putRows(KEY, "SELECT 'a' AS customer_id, 42 AS event_time");

        expect(await refusal(number, offline("42"))).toEqual(ALL_REFUSED);
        expect(await refusal(undated)).toEqual(ALL_REFUSED);
        expect(await refusal(counter)).toEqual(ALL_REFUSED);
      });
    });
  });
}
