// Decides the Avro schema of a group's hot value and the fingerprint by which a reader finds the schema it was written with.
// Leaves encoding and decoding to the hot store's adapter.

import type { FeatureGroup } from "./feature-group.ts";
import type { ValueType } from "./value.ts";

export type AvroPrimitive = "string" | "long" | "double" | "boolean";

export interface AvroField {
  readonly name: string;
  /** Null first: a feature without a value. */
  readonly type: readonly ["null", AvroPrimitive];
}

export interface AvroRecordSchema {
  readonly type: "record";
  readonly name: string;
  readonly fields: readonly AvroField[];
}

/**
 * The schema of the group's hot value: one nullable field a feature, ascending by name, without the record identifier.
 * The record's name is fixed, so that the fingerprint depends on the features alone: their names and types, and neither
 * their windows nor their defaults.
 */
export function hotValueSchema(group: FeatureGroup): AvroRecordSchema {
  const fields = group.features.map(({ name, type }) => ({
    name: avroFieldName(name),
    type: ["null", avroPrimitive(type)] as const,
  }));
  return { type: "record", name: "HotValue", fields };
}

/** The field of a feature. An Avro name begins with a letter or `_`, a feature's with a letter or digit: `7d_orders` becomes `_7d_orders`. */
export function avroFieldName(feature: string): string {
  return /^\d/.test(feature) ? `_${feature}` : feature;
}

/** Avro's parsing canonical form: no whitespace, no attribute but name, type and fields, in that order. */
export function toCanonicalForm(schema: AvroRecordSchema): string {
  const fields = schema.fields.map(
    ({ name, type }) => `{"name":${JSON.stringify(name)},"type":${JSON.stringify(type)}}`,
  );
  return `{"name":${JSON.stringify(schema.name)},"type":"record","fields":[${fields.join(",")}]}`;
}

/** The fingerprint of the group's hot value schema. */
export function schemaFingerprint(group: FeatureGroup): bigint {
  return crc64Avro(toCanonicalForm(hotValueSchema(group)));
}

/** CRC-64-AVRO of the text's UTF-8 bytes: `"int"`, quotes included, gives 0x7275d51a3f395c8f. (Avro 1.12, "Schema Fingerprints".) */
export function crc64Avro(canonicalForm: string): bigint {
  let fingerprint = EMPTY;
  for (const byte of new TextEncoder().encode(canonicalForm)) {
    const row = TABLE[Number((fingerprint ^ BigInt(byte)) & 0xffn)] ?? 0n;
    fingerprint = (fingerprint >> 8n) ^ row;
  }
  return fingerprint;
}

const EMPTY = 0xc15d213aa4d7a795n;
const TABLE: readonly bigint[] = Array.from({ length: 256 }, (_, index) => {
  let row = BigInt(index);
  for (let bit = 0; bit < 8; bit += 1) row = (row >> 1n) ^ ((row & 1n) === 1n ? EMPTY : 0n);
  return row;
});

function avroPrimitive(type: ValueType): AvroPrimitive {
  switch (type.kind) {
    case "text":
    case "instant":
    case "date":
      return "string";
    case "integer":
      return "long";
    case "decimal":
    case "float":
      return "double";
    case "boolean":
      return "boolean";
  }
}
