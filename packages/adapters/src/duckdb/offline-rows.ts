// Decides how a range of a file's rows is read fast: DuckDB gathers each column into one value, numbers into a list and
// texts into one text, because taking values out one by one costs more than all the rest of reading them.

import { DuckDBListValue, type DuckDBValue } from "@duckdb/node-api";
import {
  type FeatureGroup,
  type FeatureValue,
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

/** Undefined or null: NULL. */
type Values = readonly (FeatureValue | null | undefined)[];

/** Before each text of one that is gathered, and in place of a NULL. A text of the data may hold either. */
const SEPARATOR = "\u001f";
const NULL_MARK = "\u001e";

/** Needs a session of one thread: then DuckDB gathers rows in the order in which the file has them. */
export async function readOfflineRows(
  session: Pick<DuckDbSession, "values">,
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
  const joined = await gather(session, rows, columns, true);
  const { checksum, values } =
    joined.values === undefined ? await gather(session, rows, columns, false) : joined;
  return { checksum, records: toRecords(group, values ?? []) };
}

/** The values of each column; undefined: some text holds what is to part the joined ones. */
async function gather(
  session: Pick<DuckDbSession, "values">,
  rows: string,
  columns: readonly Column[],
  joinsTexts: boolean,
): Promise<{ readonly checksum: string; readonly values: readonly Values[] | undefined }> {
  const gathered = columns.map((column) => gatherSql(column, joinsTexts));
  const [count, checksum, ...found] = await session.values(
    `SELECT count(*), CAST(sum(_hash) AS VARCHAR), ${gathered.join(", ")} FROM (${rows})`,
  );
  const values: Values[] = [];
  for (const [index, { type }] of columns.entries()) {
    const [value = null, present = null] = found.slice(2 * index);
    const some =
      value instanceof DuckDBListValue || value === null
        ? toValues(value?.items ?? [], type)
        : splitTexts(String(value), asNumber(count), asNumber(present));
    if (some === undefined) return { checksum: String(checksum), values: undefined };
    values.push(some);
  }
  return { checksum: String(checksum), values };
}

/** A column in one value, and how many of its values are not NULL. */
function gatherSql({ name, type }: Column, joinsTexts: boolean): string {
  const text = `CAST(${name} AS VARCHAR)`;
  const mark = quoteText(SEPARATOR);
  const joined = `string_agg(${mark} || coalesce(${text}, ${quoteText(NULL_MARK)}), '')`;
  // A BIGINT becomes the double that `Number` would make of it, without an object a value.
  if (storedTypeSql(type) !== "VARCHAR") return `list(CAST(${name} AS DOUBLE)), count(${name})`;
  return `${joinsTexts ? joined : `list(${mark} || ${text})`}, count(${name})`;
}

/** A text has a separator before it here as well: the client would take a byte-order mark at its start away. */
function toValues(items: readonly DuckDBValue[], type: ValueType): Values {
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
  const names = features.map(({ name }) => name);
  return ids.map((id, row) => {
    const values: Record<string, FeatureValue> = {};
    let index = 0;
    for (const name of names) {
      const value = columns[index]?.[row];
      if (value !== undefined && value !== null) values[name] = value;
      index += 1;
    }
    const recordId = String(id);
    const eventTimeMs = toEpochMs(asNumber(times[row]));
    const pseudonym = pseudonyms[row];
    if (pseudonym === undefined || pseudonym === null) return { recordId, eventTimeMs, features: values };
    return { recordId, eventTimeMs, features: values, pseudonym: String(pseudonym) };
  });
}
