// Decides how a range of a file's rows is read fast: DuckDB gathers each column into one value, numbers into a list and
// texts into one text, because taking values out one by one costs more than all the rest of reading them.

import { DuckDBListValue, DuckDBListVector, type DuckDBVector } from "@duckdb/node-api";
import {
  type EpochMs,
  type FeatureGroup,
  type FeatureValue,
  type Pseudonym,
  quoteText,
  type StagedRecord,
  toEpochMs,
  type ValueType,
} from "@steward/core";
import { asNumber, type DuckDbSession } from "./duckdb-session.ts";
import { PSEUDONYM_COLUMN } from "./offline-layout.ts";
import { recordColumnsSql, rowHashSql, storedTypeSql, toValue } from "./offline-records.ts";

export interface RowRange {
  readonly path: string;
  /** The columns of the file. */
  readonly stored: ReadonlySet<string>;
  readonly fromRow: number;
  readonly rowCount: number;
  /** Those that are there. */
  readonly withPseudonyms: boolean;
}

export interface OfflineRows {
  /** In file order. */
  readonly records: readonly StagedRecord[];
  /** As `checksumSql` sums the rows. */
  readonly checksum: string;
}

interface Column {
  readonly name: string;
  readonly type: ValueType;
}

/** Undefined or null, and in gathered numbers NaN: NULL. */
type Values = Float64Array | readonly (FeatureValue | null | undefined)[];

/** Before each text of one that is gathered, and in place of a NULL. A text of the data may hold either. */
const SEPARATOR = "\u001f";
const NULL_MARK = "\u001e";

/** Needs a session of one thread: then DuckDB gathers rows in the order in which the file has them. */
export async function readOfflineRows(
  session: Pick<DuckDbSession, "chunk">,
  group: FeatureGroup,
  { path, stored, fromRow, rowCount, withPseudonyms }: RowRange,
): Promise<OfflineRows> {
  const pseudonym = withPseudonyms && stored.has(PSEUDONYM_COLUMN) ? PSEUDONYM_COLUMN : "NULL";
  const rows = `SELECT ${rowHashSql(stored)} AS _hash, ${pseudonym} AS _key, ${recordColumnsSql(group, stored)}
    FROM read_parquet(${quoteText(path)}, file_row_number = true)
    WHERE file_row_number >= ${fromRow} AND file_row_number < ${fromRow + rowCount}`;
  const columns: readonly Column[] = [
    { name: "_key", type: { kind: "text" } },
    { name: "_id", type: { kind: "text" } },
    { name: "_time", type: { kind: "integer" } },
    ...group.features.map(({ type }, index) => ({ name: `f${index}`, type })),
  ];
  const gathered = await gather(session, rows, columns, false);
  const { checksum, values } =
    gathered.values === undefined ? await gather(session, rows, columns, true) : gathered;
  return { checksum, records: toRecords(group, values ?? []) };
}

/** The values of each column; undefined: some column holds what is to part joined texts, or to stand for a missing number. */
async function gather(
  session: Pick<DuckDbSession, "chunk">,
  rows: string,
  columns: readonly Column[],
  isPlain: boolean,
): Promise<{ readonly checksum: string; readonly values: readonly Values[] | undefined }> {
  const gathered = columns.map((column) => (isPlain ? gatherPlainSql(column) : gatherSql(column)));
  const chunk = await session.chunk(
    `SELECT count(*), CAST(sum(_hash) AS VARCHAR), ${gathered.join(", ")} FROM (${rows})`,
  );
  const vectorOf = (index: number) => chunk.getColumnVector(index);
  const checksum = String(vectorOf(1).getItem(0));
  const rowCount = asNumber(vectorOf(0).getItem(0));
  const values: Values[] = [];
  for (const [index, { type }] of columns.entries()) {
    const vector = vectorOf(2 + 2 * index);
    const absentCount = rowCount - asNumber(vectorOf(3 + 2 * index).getItem(0));
    const some = isPlain ? toValues(vector, type) : toGathered(vector, type, rowCount, absentCount);
    if (some === undefined) return { checksum, values: undefined };
    values.push(some);
  }
  return { checksum, values };
}

/** A column in one value, and how many of its values are not NULL. */
function gatherSql(column: Column): string {
  if (column.type.kind === "boolean") return gatherPlainSql(column);
  const { name, type } = column;
  const text = `coalesce(CAST(${name} AS VARCHAR), ${quoteText(NULL_MARK)})`;
  // A BIGINT becomes the double that `Number` would make of it, without an object a value.
  const numbers = `list(coalesce(CAST(${name} AS DOUBLE), CAST('NaN' AS DOUBLE)))`;
  const isText = storedTypeSql(type) === "VARCHAR";
  return `${isText ? `string_agg(${quoteText(SEPARATOR)} || ${text}, '')` : numbers}, count(${name})`;
}

/** The same as a list with NULLs, whatever the values. */
function gatherPlainSql({ name, type }: Column): string {
  const isText = storedTypeSql(type) === "VARCHAR";
  const value = isText ? `${quoteText(SEPARATOR)} || CAST(${name} AS VARCHAR)` : `CAST(${name} AS DOUBLE)`;
  return `list(${value}), count(${name})`;
}

function toGathered(
  vector: DuckDBVector,
  type: ValueType,
  rowCount: number,
  absentCount: number,
): Values | undefined {
  if (type.kind === "boolean") return toValues(vector, type);
  if (storedTypeSql(type) === "VARCHAR")
    return splitTexts(String(vector.getItem(0) ?? ""), rowCount, rowCount - absentCount);
  return toNumbers(vector, absentCount);
}

/** Undefined: the numbers hold the one that was to stand for NULL. */
function toNumbers(vector: DuckDBVector, absentCount: number): Float64Array | undefined {
  const list = vector instanceof DuckDBListVector ? vector.childVector : undefined;
  const numbers = new Float64Array(list?.itemCount ?? 0);
  let nanCount = 0;
  for (let index = 0; index < numbers.length; index += 1) {
    const number = list?.getItem(index);
    numbers[index] = typeof number === "number" ? number : Number.NaN;
    if (Number.isNaN(numbers[index])) nanCount += 1;
  }
  return nanCount === absentCount ? numbers : undefined;
}

/** A text has a separator before it here as well: the client would take a byte-order mark at its start away. */
function toValues(vector: DuckDBVector, type: ValueType): Values {
  const list = vector.getItem(0);
  const items = list instanceof DuckDBListValue ? list.items : [];
  if (type.kind !== "boolean" && storedTypeSql(type) !== "VARCHAR")
    return items as readonly (number | null)[]; // as gathered
  return items.map((item) => {
    if (item === null) return null;
    const value = toValue(item, type);
    return typeof value === "string" ? value.slice(SEPARATOR.length) : value;
  });
}

/** Undefined: the texts hold what was to part them. */
function splitTexts(joined: string, rowCount: number, presentCount: number): Values | undefined {
  const texts = joined.split(SEPARATOR).slice(1);
  if (texts.length !== rowCount) return undefined;
  if (presentCount === rowCount) return texts;
  let nullCount = 0;
  const values = texts.map((text) => {
    if (text !== NULL_MARK) return text;
    nullCount += 1;
    return undefined;
  });
  return nullCount === rowCount - presentCount ? values : undefined;
}

function toRecords(
  { features }: FeatureGroup,
  [pseudonyms = [], ids = [], times = [], ...columns]: readonly Values[],
): StagedRecord[] {
  const table: Table = { names: features.map(({ name }) => name), columns };
  return Array.from(ids, (id, row) => {
    const record = new Row(String(id), toEpochMs(asNumber(times[row])), table, row);
    const pseudonym = pseudonyms[row];
    if (pseudonym !== undefined && pseudonym !== null) record.pseudonym = String(pseudonym);
    return record;
  });
}

interface Table {
  readonly names: readonly string[];
  readonly columns: readonly Values[];
}

/** A record that stays in its columns: an object of all its features costs more than all else that becomes of it. */
class Row implements StagedRecord {
  readonly recordId: string;
  readonly eventTimeMs: EpochMs;
  declare pseudonym?: Pseudonym;
  readonly #table: Table;
  readonly #row: number;

  constructor(recordId: string, eventTimeMs: EpochMs, table: Table, row: number) {
    this.recordId = recordId;
    this.eventTimeMs = eventTimeMs;
    this.#table = table;
    this.#row = row;
  }

  valueAt(index: number): FeatureValue | undefined {
    const column = this.#table.columns[index];
    const value = column?.[this.#row] ?? undefined;
    return Number.isNaN(value) && column instanceof Float64Array ? undefined : value;
  }

  get features(): Readonly<Record<string, FeatureValue>> {
    const values: Record<string, FeatureValue> = {};
    for (const [index, name] of this.#table.names.entries()) {
      const value = this.valueAt(index);
      if (value !== undefined) values[name] = value;
    }
    return values;
  }
}
