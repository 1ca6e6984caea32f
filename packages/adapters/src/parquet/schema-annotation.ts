// Decides when two columns are of the same type: Parquet says one type in an old and a new way (converted and logical),
// and a writer may use either or both.
// https://github.com/apache/parquet-format/blob/master/LogicalTypes.md, read 2026-11-24.

import type { ConvertedType, LogicalType, SchemaElement } from "hyparquet";

/** The whole type of a leaf, or of a group's annotation, as one text: equal texts, equal types. */
export function typeText(element: SchemaElement): string {
  const stored = storedType(element);
  const meaning = meaningOf(element);
  return meaning === undefined || meaning === IMPLIED[stored] ? stored : `${stored} ${meaning}`;
}

/** How the values of a leaf lie in the file, whatever they mean. */
export function storedType({ type, type_length }: SchemaElement): string {
  if (type === undefined) return "group";
  return type_length === undefined || type !== "FIXED_LEN_BYTE_ARRAY" ? type : `${type}(${type_length})`;
}

/** A signed integer of the stored width says nothing that the stored type does not. */
const IMPLIED: Readonly<Record<string, string>> = { INT32: "INTEGER(32,true)", INT64: "INTEGER(64,true)" };

const CONVERTED: Readonly<Partial<Record<ConvertedType, string>>> = {
  UTF8: "STRING",
  // Of the old timestamps and times the specification says that they are adjusted to UTC.
  TIME_MILLIS: "TIME(MILLIS,true)",
  TIME_MICROS: "TIME(MICROS,true)",
  TIMESTAMP_MILLIS: "TIMESTAMP(MILLIS,true)",
  TIMESTAMP_MICROS: "TIMESTAMP(MICROS,true)",
};
const CONVERTED_INTEGER = /^(U?)INT_(\d+)$/;

function meaningOf(element: SchemaElement): string | undefined {
  const { converted_type, logical_type } = element;
  if (logical_type?.type !== undefined) return logicalMeaning(logical_type);
  if (converted_type === undefined) return logical_type === undefined ? undefined : "unknown";
  if (converted_type === "DECIMAL") return `DECIMAL(${element.precision},${element.scale ?? 0})`;
  const [, unsigned, bits] = CONVERTED_INTEGER.exec(converted_type) ?? [];
  if (bits !== undefined) return `INTEGER(${bits},${unsigned === ""})`;
  return CONVERTED[converted_type] ?? converted_type;
}

function logicalMeaning(type: LogicalType): string {
  switch (type.type) {
    case "DECIMAL":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "TIME":
    case "TIMESTAMP":
      return `${type.type}(${type.unit},${type.isAdjustedToUTC})`;
    case "INTEGER":
      return `INTEGER(${type.bitWidth},${type.isSigned})`;
    default:
      return Object.keys(type).length === 1 ? type.type : JSON.stringify(type);
  }
}
