// Decides how a record's features become Avro's binary payload: for each field the branch of its union, then the value.
// One schema needs few of Avro's rules, and these writers make no object a value. (Avro 1.12, "Binary Encoding".)

import {
  type AvroPrimitive,
  type FeatureGroup,
  type FeatureRecord,
  type FeatureValue,
  hotValueSchema,
  InvalidInputError,
} from "@steward/core";

/** Of `["null", T]`: zigzag of 0 and of 1. */
const NULL_BRANCH = 0;
const VALUE_BRANCH = 2;
const MAX_LONG_BYTES = 10;
/** UTF-8 of a UTF-16 code unit. */
const MAX_UNIT_BYTES = 3;
/** The first length whose zigzag takes more than seven bits. */
const TWO_BYTE_LENGTH = 64;

export interface PayloadEncoder {
  /** The most bytes that the record's payload can take. */
  maxBytes(record: FeatureRecord): number;
  /** Writes the payload from `start`, where it has room, and gives its end.
   * @throws InvalidInputError naming the feature whose value its type cannot hold. */
  encode(record: FeatureRecord, target: Buffer, start: number): number;
}

/** The encoder of a group's hot value schema: its fields are the group's features, in order. */
export function payloadEncoder(group: FeatureGroup): PayloadEncoder {
  const { fields: schemaFields } = hotValueSchema(group);
  const fields = group.features.map(({ name }, index) => ({
    name,
    index,
    primitive: schemaFields[index]?.type[1],
  }));
  const texts = fields.filter(({ primitive }) => primitive === "string");
  return {
    maxBytes(record) {
      let bytes = fields.length * (1 + MAX_LONG_BYTES);
      for (const { name, index } of texts) {
        const value = valueIn(record, name, index);
        if (typeof value === "string") bytes += MAX_UNIT_BYTES * value.length;
      }
      return bytes;
    },
    encode(record, target, start) {
      let at = start;
      for (const { name, index, primitive } of fields) {
        const value = valueIn(record, name, index) ?? undefined;
        if (value === undefined) {
          target[at++] = NULL_BRANCH;
          continue;
        }
        target[at++] = VALUE_BRANCH;
        at = writeValue(primitive, value, target, at);
        // The value itself may not be in the message.
        if (at < 0)
          throw new InvalidInputError(
            `record of group "${group.name}": feature "${name}": is not of its declared type`,
          );
      }
      return at;
    },
  };
}

function valueIn(record: FeatureRecord, name: string, index: number): FeatureValue | undefined {
  return record.valueAt === undefined ? record.features[name] : record.valueAt(index);
}

/** The value's end; below 0: the type cannot hold it. */
function writeValue(
  primitive: AvroPrimitive | undefined,
  value: FeatureValue,
  target: Buffer,
  at: number,
): number {
  switch (primitive) {
    case "double":
      return typeof value === "number" ? target.writeDoubleLE(value, at) : -1;
    case "long":
      return typeof value === "number" && Number.isSafeInteger(value) ? writeLong(value, target, at) : -1;
    case "string":
      return typeof value === "string" ? writeString(value, target, at) : -1;
    case "boolean":
      if (typeof value !== "boolean") return -1;
      target[at] = value ? 1 : 0;
      return at + 1;
    case undefined:
      return -1;
  }
}

/** Zigzag, seven bits a byte. The zigzagged number itself may pass 2^53, so its lowest byte is made apart: no step rounds. */
function writeLong(value: number, target: Buffer, start: number): number {
  const isNegative = value < 0;
  const magnitude = isNegative ? -value - 1 : value;
  let rest = Math.floor(magnitude / 64);
  let byte = (magnitude - rest * 64) * 2 + (isNegative ? 1 : 0);
  let at = start;
  while (rest > 0) {
    target[at++] = byte | 0x80;
    const next = Math.floor(rest / 128);
    byte = rest - next * 128;
    rest = next;
  }
  target[at] = byte;
  return at + 1;
}

/** Its length in UTF-8, then UTF-8: written as if the length took one byte, as it mostly does. */
function writeString(text: string, target: Buffer, start: number): number {
  const bytes = target.write(text, start + 1);
  if (bytes < TWO_BYTE_LENGTH) {
    target[start] = 2 * bytes;
    return start + 1 + bytes;
  }
  const begin = writeLong(bytes, target, start);
  return begin + target.write(text, begin);
}
