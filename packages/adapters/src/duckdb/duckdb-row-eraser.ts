// Decides how DuckDB counts the rows of subjects in a Parquet file, and writes it again without them.
// Whether the written file is otherwise the same is for a reader that is not DuckDB to say.

import {
  DataRejectedError,
  quoteName,
  quoteText,
  StewardError,
  type SubjectCount,
  type SubjectCounts,
  type SubjectRows,
} from "@steward/core";
import type { FileStyle, LocalVersion, RowEraser } from "../row-eraser.ts";
import { asNumber, type DuckDbOptions, type DuckDbSession, withDuckDb } from "./duckdb-session.ts";
import { fileRowsSql, markRows } from "./subject-rows.ts";

export class DuckDbRowEraser implements RowEraser {
  readonly #options: DuckDbOptions;

  constructor(options: DuckDbOptions) {
    this.#options = options;
  }

  async count(file: LocalVersion, rows: SubjectRows): Promise<SubjectCount> {
    const { rows: gone, newerRows } = await this.countEach(file, rows);
    return { rows: gone, newerRows };
  }

  async countEach(file: LocalVersion, rows: SubjectRows): Promise<SubjectCounts> {
    return this.#reading(file, async (session) => {
      await markRows(session, file, rows);
      const total = await session.row(`SELECT ${COUNTS} FROM marked`);
      const each = await session.rows(
        `SELECT subject, ${COUNTS} FROM mentions GROUP BY subject ORDER BY subject`,
      );
      return {
        ...toCount(total),
        named: each.map((row) => ({ subject: asNumber(row.subject), ...toCount(row) })),
      };
    });
  }

  async write(file: LocalVersion, rows: SubjectRows, style: FileStyle, to: string): Promise<number> {
    return this.#reading(file, async (session) => {
      await markRows(session, file, rows);
      const { gone } = await session.row("SELECT count(*) FILTER (is_gone) AS gone FROM marked");
      // The anti-join alone promises no order.
      await session.run(`COPY (SELECT * EXCLUDE (file_row_number) ${replaceSql(style)} FROM ${fileRowsSql(file)}
          WHERE file_row_number NOT IN (SELECT n FROM marked WHERE is_gone) ORDER BY file_row_number)
        TO ${quoteText(to)} (${optionsSql(style)})`);
      return asNumber(gone);
    });
  }

  async #reading<T>(file: LocalVersion, work: (session: DuckDbSession) => Promise<T>): Promise<T> {
    try {
      return await withDuckDb(this.#options, `reading "${file.key}"`, work);
    } catch (error) {
      if (error instanceof StewardError) throw error;
      throw new DataRejectedError(`"${file.key}" cannot be read by DuckDB, so it may be damaged`, {
        cause: error,
      });
    }
  }
}

const COUNTS = "count(*) FILTER (is_gone) AS gone, count(*) FILTER (NOT is_gone) AS newer";

const toCount = ({ gone, newer }: Readonly<Record<string, unknown>>): SubjectCount => ({
  rows: asNumber(gone),
  newerRows: asNumber(newer),
});

function replaceSql({ millisecondColumns }: FileStyle): string {
  if (millisecondColumns.length === 0) return "";
  const casts = millisecondColumns.map((name) => {
    // By the number: a cast of an instant with a zone would ask the machine for its own.
    const column = quoteName(name);
    return `CAST(make_timestamp_ms(epoch_ms(${column})) AS TIMESTAMP_MS) AS ${column}`;
  });
  return `REPLACE (${casts.join(", ")})`;
}

function optionsSql(style: FileStyle): string {
  return [
    "FORMAT parquet",
    `COMPRESSION ${style.codec}`,
    `PARQUET_VERSION ${style.hasDeltaEncodings ? "V2" : "V1"}`,
    `ROW_GROUP_SIZE ${style.rowsPerRowGroup}`,
  ].join(", ");
}
