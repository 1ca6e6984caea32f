// Decides how the rows of a CSV file, or set-aside rows that are tried again, become typed rows with a verdict:
// a view `parsed`, one row a record, in file order. Leaves what is staged of it to stage-rows.ts.

import { join } from "node:path";
import { type DuckDBAppender, LIST, listValue, VARCHAR } from "@duckdb/node-api";
import { type EpochMs, quoteName, quoteText, type Source } from "@steward/core";
import { CELL_RULES, cellSql } from "./cell-sql.ts";
import { isWhole } from "./csv-conservation.ts";
import { type BrokenRecord, repairRecords } from "./csv-records.ts";
import { asNumber, type DuckDbSession } from "./duckdb-session.ts";

export interface ParseOptions {
  readonly source: Source;
  /** Events dated later than this do not pass. */
  readonly arrivedAtMs: EpochMs;
  /** Columns that name a subject. */
  readonly identifierColumns: ReadonlySet<string>;
}

/** A verdict is `column index * VERDICT_BASE + number of the rule`; 0: the row is an event. */
const VERDICT_BASE = 8;
/** Longer rows count as so long: the sum is then short of the file, which is looked into. */
const MAX_ROW_BYTES = 65_535;

/**
 * Creates `parsed` (the source's columns, `_row`, `_verdict`, and `_cells` where the row is no event) from a CSV file,
 * and `broken` (`row`, `rule`, `column`, `cells`): the records whose form is broken, which have a row of NULLs in `parsed`.
 */
export async function parseFile(session: DuckDbSession, path: string, options: ParseOptions): Promise<void> {
  const columns = Object.keys(options.source.columns);
  await createBroken(session);
  if (!(await parseCsv(session, path, options, undefined))) {
    const repaired = join(session.folder, "repaired.csv");
    const rowCount = await repair(session, path, repaired, columns);
    const isRead =
      (await parseCsv(session, repaired, options, { rowCount })) ||
      (await parseCsv(session, repaired, options, { rowCount, isSerial: true }));
    if (!isRead) throw new Error("the repaired copy of an input file does not read as it was written");
  }
  await createParsed(session, columns, "rowid + 1");
}

/** As `parseFile`, from set-aside rows in a table `again` (`_row`, `rule`, `cells`). */
export async function parseAgain(session: DuckDbSession, options: ParseOptions): Promise<void> {
  const columns = Object.keys(options.source.columns);
  const isWhole = `rule <> 'encoding' AND len(cells) = ${columns.length}`;
  await createBroken(session);
  await session.run(`INSERT INTO broken
    SELECT _row, CASE rule WHEN 'encoding' THEN rule ELSE 'columns' END, NULL, cells FROM again WHERE NOT (${isWhole})`);
  const raws = columns.map(
    (_, index) => `CASE WHEN ${isWhole} THEN nullif(cells[${index + 1}], '') END AS r${index}`,
  );
  await session.run(
    checkedSql(options, `(SELECT ${raws.join(", ")}, _row FROM again ORDER BY _row)`, ["_row"]),
  );
  await createParsed(session, columns, "packed._row");
}

/** The column that a row's verdict is about, and the rule that it broke, as SQL over `_verdict`. */
export function verdictSql(source: Source): { readonly column: string; readonly rule: string } {
  const names = Object.keys(source.columns).map(quoteText).join(", ");
  return {
    column: `[${names}][_verdict // ${VERDICT_BASE} + 1]`,
    rule: `[${CELL_RULES.map(quoteText).join(", ")}][_verdict % ${VERDICT_BASE}]`,
  };
}

interface RepairedFile {
  readonly rowCount: number;
  readonly isSerial?: boolean;
}

/** False when DuckDB's reader finds a record that it cannot take. A file of our own writing must have all its rows. */
async function parseCsv(
  session: DuckDbSession,
  path: string,
  options: ParseOptions,
  repaired: RepairedFile | undefined,
): Promise<boolean> {
  const columns = Object.keys(options.source.columns).map((_, index) => `'r${index}': 'VARCHAR'`);
  await session.run("DROP TABLE IF EXISTS checked");
  await session.run("DROP TABLE IF EXISTS reject_errors");
  await session.run("DROP TABLE IF EXISTS reject_scans");
  const csv = `read_csv(${quoteText(path)}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    store_rejects = true, rejects_limit = 1, parallel = ${repaired?.isSerial !== true}, columns = {${columns.join(", ")}})`;
  const isTaken = await session.tryRead(
    checkedSql(options, `(SELECT *, ${bytesSql(columns.length)} AS _bytes FROM ${csv})`, ["_bytes"]),
  );
  if (!isTaken) return false;
  const counts = await session.row(`SELECT (SELECT count(*) FROM reject_errors) AS rejects, count(*) AS rows,
    sum(packed._bytes) AS bytes FROM checked`);
  if (asNumber(counts.rejects) > 0) return false;
  const rows = asNumber(counts.rows);
  if (repaired !== undefined) return rows === repaired.rowCount;
  return isWhole(path, { rows, columns: columns.length, cellBytes: Number(counts.bytes) });
}

async function repair(
  session: DuckDbSession,
  from: string,
  to: string,
  columns: readonly string[],
): Promise<number> {
  const appender = await session.connection.createAppender("broken");
  try {
    return await repairRecords(from, to, columns.length, (record) => appendBroken(appender, record, columns));
  } finally {
    appender.closeSync();
  }
}

function appendBroken(appender: DuckDBAppender, record: BrokenRecord, columns: readonly string[]): void {
  const column = record.columnIndex === undefined ? undefined : columns[record.columnIndex];
  appender.appendBigInt(BigInt(record.row));
  appender.appendVarchar(record.rule);
  if (column === undefined) appender.appendNull();
  else appender.appendVarchar(column);
  appender.appendList(listValue([...record.cells]), LIST(VARCHAR));
  appender.endRow();
}

async function createBroken(session: DuckDbSession): Promise<void> {
  await session.run('CREATE TABLE broken ("row" BIGINT, rule VARCHAR, "column" VARCHAR, cells VARCHAR[])');
}

async function createParsed(session: DuckDbSession, columns: readonly string[], row: string): Promise<void> {
  const values = columns.map((name, index) => `packed.v${index} AS ${quoteName(name)}`);
  await session.run(`CREATE VIEW parsed AS SELECT ${values.join(", ")}, ${row} AS _row, packed._verdict AS _verdict,
    from_json(packed._cells, '["VARCHAR"]') AS _cells FROM checked`);
}

/** The bytes of a row's cells; most rows have no empty cell and need no more than the sum. */
function bytesSql(columnCount: number): string {
  const lengths = Array.from({ length: columnCount }, (_, index) => `strlen(r${index})`);
  const orNone = lengths.map((length) => `coalesce(${length}, 0)`);
  return `CAST(least(coalesce(${lengths.join(" + ")}, ${orNone.join(" + ")}), ${MAX_ROW_BYTES}) AS USMALLINT)`;
}

/**
 * The statement that fills `checked` from a relation whose columns r0, r1, … are the texts of the cells. What it gives
 * of a row is one struct, for DuckDB sketches the distinct values of each column but not of a member; the cells of rows
 * that are no event are JSON, for a list takes 16 bytes of every row.
 */
function checkedSql(options: ParseOptions, from: string, others: readonly string[]): string {
  const names = Object.keys(options.source.columns);
  const cells = names.map((name, index) => cellSql(columnOf(options, name), `r${index}`, `v${index}`));
  const raws = names.map((_, index) => `r${index}`);
  const broken = cells.map((cell, index) => `nullif(${cell.brokenRule}, 0) + ${index * VERDICT_BASE}`);
  const members = [...names.map((_, index) => `v${index}`), ...others, "_verdict"];
  const texts = `to_json([${raws.map((raw) => `coalesce(${raw}, '')`).join(", ")}])`;
  return `CREATE TABLE checked AS
    SELECT {${members.map((name) => `${name}: ${name}`).join(", ")},
      _cells: CASE WHEN _verdict <> 0 THEN CAST(${texts} AS VARCHAR) END} AS packed
    FROM (
      SELECT *, CAST(CASE WHEN ${cells.map((cell) => cell.passes).join(" AND ")} THEN 0
        ELSE coalesce(${broken.join(", ")}, 0) END AS USMALLINT) AS _verdict
      FROM (SELECT ${[...raws, ...cells.map((cell, index) => `${cell.value} AS v${index}`), ...others].join(", ")} FROM ${from}))`;
}

function columnOf(options: ParseOptions, name: string) {
  const { source } = options;
  const declared = source.columns[name];
  if (declared === undefined) throw new Error(`source "${source.name}" has no column "${name}"`);
  return {
    type: declared.type,
    optional: declared.optional,
    isIdentifier: options.identifierColumns.has(name),
    notAfterMs: name === source.eventTime ? options.arrivedAtMs : undefined,
  };
}
