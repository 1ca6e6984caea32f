import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { DuckDbRowEraser } from "@steward/adapters";
import { DataRejectedError, type FileVersion, type SubjectRows } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { at } from "../support/batch-engine-harness.ts";
import {
  type ErasureFilesHarness,
  footerOf,
  openErasureFiles,
  rowsOf,
  runSql,
} from "../support/parquet-files.ts";

const FOREIGN = join(import.meta.dirname, "../../data/parquet");

const GONE: SubjectRows = {
  layout: { kind: "offline" },
  columns: ["customer_id"],
  subjects: [{ identifier: "gone", untilMs: at("2026-01-01") }],
};

/** Six rows, of which the second and the fourth are the subject's. */
const ROWS = `SELECT CASE WHEN n IN (1, 3) THEN 'gone' ELSE 'c' || n END AS customer_id, '2025-01-01' AS event_time,
  n::BIGINT AS n, n / 4 AS share FROM range(6) AS t(n) ORDER BY n`;

const microseconds = (text: string): bigint => BigInt(Date.parse(text)) * 1_000n;

describe("ParquetErasureFiles, of files by another writer", () => {
  let harness: ErasureFilesHarness;
  beforeEach(async () => {
    harness = await openErasureFiles();
  });
  afterEach(() => harness.close());

  const putForeign = (name: string): Promise<FileVersion> =>
    harness.putBytes(`offline/${name}`, readFileSync(join(FOREIGN, name)));

  it("keeps dates of any year, decimals as integers, lists in lists, and the rest of each other row", async () => {
    const file = await putForeign("kept.parquet");

    const { path = "", ...counts } = await harness.files.rewrite(file, GONE);

    const last = { customer_id: "a", event_time: "2025-01-01T00:00:00Z" };
    expect(counts).toEqual({ rowCount: 3, erasedCount: 2 });
    expect(await rowsOf(path)).toEqual([
      {
        ...last,
        day: new Date("0001-01-01"),
        at: microseconds("0001-01-01T23:59:59Z") + 999_999n,
        at_utc: microseconds("0001-01-01T23:59:59Z") + 999_999n,
        at_second: new Date("0001-01-01T23:59:59Z"),
        small: -2.5,
        large: -2.5,
        tags: [],
        nested: [[]],
        place: undefined,
        labels: {},
        ratio: -0,
        number: 2n ** 63n - 1n,
        counter: 2n ** 64n - 1n,
        raw: "\uFFFD\u0000",
        text: "é\u{1F600}",
      },
      {
        ...last,
        customer_id: "b",
        day: new Date("9999-12-31"),
        at: microseconds("9999-12-31T23:59:59Z") + 999_999n,
        at_utc: microseconds("9999-12-31T23:59:59Z") + 999_999n,
        at_second: new Date("9999-12-31T23:59:59Z"),
        small: 0.01,
        large: 0.01,
        tags: [1n, null],
        nested: [["y", null], undefined],
        place: { lat: -0, names: [] },
        labels: { a: null },
        ratio: Number.NaN,
        number: -(2n ** 63n),
        counter: 0n,
        raw: "",
        text: "",
      },
      {
        ...last,
        customer_id: "c",
        day: new Date("1969-12-31"),
        at: microseconds("1969-12-31T23:59:59Z") + 999_999n,
        at_utc: microseconds("1969-12-31T23:59:59Z") + 999_999n,
        at_second: new Date("1969-12-31T23:59:59Z"),
        small: 9.99,
        large: 9.99,
        tags: undefined,
        nested: [],
        place: { lat: null, names: undefined },
        labels: { x: 2n, y: 3n },
        ratio: Number.NEGATIVE_INFINITY,
        number: 0n,
        counter: 1n,
        raw: "x",
        text: "x",
      },
    ]);
  });

  it("keeps types, codec and key-value metadata, and takes delta encodings where there were some", async () => {
    const file = await putForeign("kept.parquet");

    const { path = "" } = await harness.files.rewrite(file, GONE);

    const before = await footerOf(join(FOREIGN, "kept.parquet"));
    const after = await footerOf(path);
    expect(after.schema).toEqual(before.schema);
    expect(after.version).toBe(2);
    expect(after.key_value_metadata).toEqual(before.key_value_metadata);
    expect(after.key_value_metadata?.slice(0, 2)).toEqual([
      { key: "owner", value: "team 'x' é" },
      { key: "empty", value: "" },
    ]);
    const chunks = after.row_groups.flatMap(({ columns }) =>
      columns.flatMap(({ meta_data }) => meta_data ?? []),
    );
    expect(new Set(chunks.map(({ codec }) => codec))).toEqual(new Set(["ZSTD"]));
    expect(chunks.flatMap(({ encodings }) => encodings)).toContain("DELTA_BINARY_PACKED");
  });

  it.each(["utc-millis", "field-ids", "no-key"])(
    "keeps every word of the footer of %s.parquet",
    async (name) => {
      const file = await putForeign(`${name}.parquet`);

      const { path = "" } = await harness.files.rewrite(file, GONE);

      const before = await footerOf(join(FOREIGN, `${name}.parquet`));
      const after = await footerOf(path);
      const words = ({ schema, version, key_value_metadata }: typeof before) => ({
        schema,
        version,
        key_value_metadata,
      });
      expect(words(after)).toEqual(words(before));
      expect((await rowsOf(path)).map(({ customer_id }) => customer_id)).toEqual(["a", "b", "c"]);
    },
  );

  it.each([
    ["int96", 'the type of the column "at": INT96 would be INT64 TIMESTAMP(MICROS,false)'],
    ["bytes-decimal", 'the type of the column "amount"'],
    ["old-lists", 'the name "item" of a column'],
    ["fixed-bytes", 'the type of the column "code"'],
    ["two-codecs", "codecs that differ by column: ZSTD and SNAPPY"],
    ["sorted", "the note on how its rows are sorted"],
    ["required", 'that the column "customer_id" is REQUIRED'],
    ["encrypted-column", 'the encryption of the column "event_time"'],
    ["encrypted-footer", "cannot be read as Parquet"],
    ["number-id", 'has no text in the column "customer_id"'],
  ])("refuses %s.parquet by its key, says why, and leaves nothing behind", async (name, reason) => {
    const file = await putForeign(`${name}.parquet`);

    const error = await harness.files.rewrite(file, GONE).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(DataRejectedError);
    expect(String(error)).toContain(`"offline/${name}.parquet"`);
    expect(String(error)).toContain(reason);
    expect(String(error)).not.toMatch(/gone|2025/);
    expect(harness.leftovers()).toEqual([]);
  });
});

describe("ParquetErasureFiles, of damaged files", () => {
  it("refuses by the key, or reads what there is, and nothing else, wherever a byte is wrong", async () => {
    const harness = await openErasureFiles();
    const bytes = readFileSync(join(FOREIGN, "fixed-bytes.parquet"));
    const faults: unknown[] = [];
    let refusals = 0;
    for (let place = 0; place < bytes.length; place += 15) {
      const damaged = Buffer.from(bytes);
      damaged[place] = (damaged[place] ?? 0) ^ 0x5a;
      const file = await harness.putBytes("offline/damaged.parquet", damaged);
      for (const method of ["count", "scan", "rewrite"] as const) {
        await harness.files[method](file, GONE).catch((error: unknown) => {
          if (error instanceof DataRejectedError && error.message.startsWith(`"${file.key}"`)) refusals++;
          else faults.push(error);
        });
      }
    }

    expect(faults).toEqual([]);
    expect(refusals).toBeGreaterThan(0);
    expect(harness.leftovers()).toEqual([]);
    await harness.close();
  });
});

describe("ParquetErasureFiles, of files as DuckDB writes them", () => {
  let harness: ErasureFilesHarness;
  beforeEach(async () => {
    harness = await openErasureFiles();
  });
  afterEach(() => harness.close());

  it.each(["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"])(
    "keeps the codec %s",
    async (codec) => {
      const file = await harness.putRows("a.parquet", ROWS, `COMPRESSION ${codec}`);

      const { path = "" } = await harness.files.rewrite(file, GONE);

      const [group] = (await footerOf(path)).row_groups;
      expect(group?.columns.map(({ meta_data }) => meta_data?.codec.toLowerCase())).toEqual([
        codec,
        codec,
        codec,
        codec,
      ]);
    },
  );

  it("brings no delta encodings to a file that had none", async () => {
    const file = await harness.putRows("a.parquet", ROWS);

    const { path = "" } = await harness.files.rewrite(file, GONE);

    const [group] = (await footerOf(path)).row_groups;
    expect(group?.columns.flatMap(({ meta_data }) => meta_data?.encodings ?? []).join()).not.toContain(
      "DELTA",
    );
  });

  it("keeps order over many row groups, and the rows of a group", async () => {
    const file = await harness.putRows(
      "a.parquet",
      `SELECT CASE WHEN n % 7 = 3 OR n BETWEEN 4000 AND 9000 THEN 'gone' ELSE 'x' END AS customer_id,
        '2025-01-01' AS event_time, (n * 7919) % 20011 AS m FROM range(20000) AS t(n) ORDER BY n`,
      "ROW_GROUP_SIZE 4096",
    );

    const { path = "", erasedCount } = await harness.files.rewrite(file, GONE);

    const expected = Array.from({ length: 20_000 }, (_, n) => n)
      .filter((n) => n % 7 !== 3 && (n < 4000 || n > 9000))
      .map((n) => (n * 7919) % 20_011);
    expect((await rowsOf(path)).map(({ m }) => Number(m))).toEqual(expected);
    expect(erasedCount).toBe(20_000 - expected.length);
    expect((await footerOf(path)).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([
      4096, 4096, 4096, 569,
    ]);
  });

  it("writes no dictionary entry, statistic or filter of a row that went", async () => {
    const file = await harness.putRows(
      "a.parquet",
      `SELECT CASE WHEN n % 2 = 0 THEN 'gone' ELSE 'c' END AS customer_id, '2025-01-01' AS event_time,
        CASE WHEN n % 2 = 0 THEN 'zz-of-the-gone' ELSE 'note' END AS note FROM range(3000) AS t(n)`,
    );

    const { path = "" } = await harness.files.rewrite(file, GONE);

    expect(readFileSync(await harness.objects.locate("a.parquet")).includes("zz-of-the-gone")).toBe(true);
    expect(readFileSync(path).includes("zz-of-the-gone")).toBe(false);
  });
});

describe("ParquetErasureFiles, whatever the writer does", () => {
  /** What a writer that errs leaves instead: a query over the right rows, and options. */
  const refusalOf = async (sql: string, options: string): Promise<string> => {
    const erring = (eraser: DuckDbRowEraser): void => {
      const write = eraser.write.bind(eraser);
      eraser.write = async (file, rows, style, to) => {
        const erased = await write(file, rows, style, to);
        await runSql(
          `COPY (${sql.replaceAll("RIGHT", `read_parquet('${to}')`)}) TO '${to}.other' (${options})`,
        );
        renameSync(`${to}.other`, to);
        return erased;
      };
    };
    const harness = await openErasureFiles({ change: erring });
    try {
      const file = await harness.putRows("a.parquet", ROWS, "COMPRESSION zstd, KV_METADATA {k: 'v'}");
      const outcome = await harness.files.rewrite(file, GONE).then(
        () => "handed on",
        (error: unknown) => (error instanceof DataRejectedError ? error.message : String(error)),
      );
      expect(harness.leftovers()).toHaveLength(outcome === "handed on" ? 1 : 0);
      return outcome;
    } finally {
      await harness.close();
    }
  };
  const SAME = "COMPRESSION zstd, KV_METADATA {k: 'v'}, FORMAT parquet";

  it.each([
    ["two rows that changed places", "FROM RIGHT ORDER BY n DESC", SAME, 'in the column "customer_id"'],
    ["a row too few", "FROM RIGHT WHERE n <> 4", SAME, "another number of rows"],
    ["a row twice", "FROM RIGHT UNION ALL (FROM RIGHT LIMIT 1)", SAME, "another number of rows"],
    [
      "another row in the place of one",
      "SELECT * REPLACE (CASE n WHEN 5 THEN 4 ELSE n END AS n) FROM RIGHT",
      SAME,
      '"n"',
    ],
    [
      "an absent value",
      "SELECT * REPLACE (nullif(share, 0.5) AS share) FROM RIGHT",
      SAME,
      'in the column "share"',
    ],
    [
      "a value that is a bit off",
      "SELECT * REPLACE (CASE n WHEN 5 THEN 1.2500000000000002 ELSE share END AS share) FROM RIGHT",
      SAME,
      '"share"',
    ],
    [
      "−0 for 0",
      "SELECT * REPLACE (CASE n WHEN 0 THEN '-0.0'::DOUBLE ELSE share END AS share) FROM RIGHT",
      SAME,
      '"share"',
    ],
    [
      "a shorter text",
      "SELECT * REPLACE (rtrim(event_time, '1') AS event_time) FROM RIGHT",
      SAME,
      '"event_time"',
    ],
    ["another type", "SELECT * REPLACE (n::INTEGER AS n) FROM RIGHT", SAME, 'the type of the column "n"'],
    [
      "a decimal of another scale",
      "SELECT * REPLACE (n::DECIMAL(18, 2) AS n) FROM RIGHT",
      SAME,
      'in the column "n"',
    ],
    ["a column too few", "SELECT * EXCLUDE (share) FROM RIGHT", SAME, "its columns"],
    ["a column too many", "SELECT *, 1 AS one FROM RIGHT", SAME, "its columns"],
    ["columns in another order", "SELECT event_time, customer_id, n, share FROM RIGHT", SAME, "of a column"],
    [
      "another codec",
      "FROM RIGHT",
      "COMPRESSION snappy, KV_METADATA {k: 'v'}, FORMAT parquet",
      "its compression codec",
    ],
    ["a file that is none", "SELECT 1", "FORMAT csv", "cannot be read as Parquet"],
  ])("hands nothing on that has %s", async (_, sql, options, reason) => {
    expect(await refusalOf(sql, options)).toContain(reason);
  });

  it("hands on what is the same after all, with the original's key-value metadata whatever the writer's is", async () => {
    expect(await refusalOf("FROM RIGHT", SAME)).toBe("handed on");
    expect(await refusalOf("FROM RIGHT", "COMPRESSION zstd, KV_METADATA {k: 'w'}, FORMAT parquet")).toBe(
      "handed on",
    );
  });

  it("hands nothing on when the other rows were erased, as many as were to go", async () => {
    const erring = (eraser: DuckDbRowEraser): void => {
      eraser.write = async (file, _rows, _style, to) => {
        await runSql(
          `COPY (FROM read_parquet('${file.path}') WHERE n NOT IN (0, 2)) TO '${to}' (FORMAT parquet)`,
        );
        return 2;
      };
    };
    const harness = await openErasureFiles({ change: erring });
    const file = await harness.putRows("a.parquet", ROWS);

    await expect(harness.files.rewrite(file, GONE)).rejects.toThrow(
      'another value in the column "customer_id"',
    );

    expect(harness.leftovers()).toEqual([]);
    await harness.close();
  });

  it("hands nothing on when the two readers do not find the same rows", async () => {
    const harness = await openErasureFiles({
      change: (eraser) => {
        const write = eraser.write.bind(eraser);
        eraser.count = async () => ({ rows: 7, newerRows: 0 });
        eraser.write = async (...given) => (await write(...given)) + 1;
      },
    });
    const some = await harness.putRows("a.parquet", ROWS);
    const all = await harness.putRows(
      "b.parquet",
      "SELECT 'gone' AS customer_id, '2025-01-01' AS event_time",
    );

    await expect(harness.files.rewrite(some, GONE)).rejects.toThrow("one reader finds 3 rows");
    await expect(harness.files.rewrite(all, GONE)).rejects.toThrow("one reader finds 7 rows");

    expect(harness.leftovers()).toEqual([]);
    await harness.close();
  });
});
