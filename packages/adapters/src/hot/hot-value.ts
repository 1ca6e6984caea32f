// Decides the bytes of a hot value: 8-byte big-endian event time, then Avro single-object encoding (marker, fingerprint, payload).
// Leaves keys and the time to live to their modules. (Avro 1.12, "Single-object encoding".)

import {
  avroFieldName,
  DataRejectedError,
  type EpochMs,
  type FeatureGroup,
  type FeatureRecord,
  type FeatureValue,
  type HotValue,
  hotValueSchema,
  NotFoundError,
  schemaFingerprint,
} from "@steward/core";
import avro from "avsc";
import { payloadEncoder } from "./avro-payload.ts";

const EVENT_TIME_BYTES = 8;
const HEADER_BYTES = EVENT_TIME_BYTES + 2 + 8;
const SINGLE_OBJECT_MARKER = 0xc301;
const UINT32_RANGE = 2 ** 32;
/** From here on avsc's own long, kept in a double, rounds: it writes -(2^52 + 1) as 2^52, and refuses 2^53 - 1. */
const WIDE_FROM = 2 ** 52;

const wideLong = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => Number(bytes.readBigInt64LE()),
  toBuffer: (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  fromJSON: Number,
  toJSON: Number,
  isValid: Number.isSafeInteger,
  compare: (left: number, right: number) => Math.sign(left - right),
});

/** Encodes with one version of a group and decodes values of any version it was given. */
export interface HotValueCodec {
  /** Writes the value from `start` and gives its end; below 0: the bytes that may be short (then nothing is written).
   * @throws InvalidInputError naming the feature whose value its type cannot hold. */
  encodeInto(record: FeatureRecord, target: Buffer, start: number): number;
  /** The value, with the features of the version it was written by; undefined: a tombstone (an event time alone).
   * @throws NotFoundError naming group and fingerprint when no version given has the value's schema. */
  decode(bytes: Buffer): HotValue | undefined;
}

interface SchemaVersion {
  readonly type: avro.Type;
  /** The same schema for records with a number from 2^52 on, which `type` would get wrong. */
  readonly wideType: avro.Type;
  readonly fingerprint: bigint;
  /** What each feature is called in the group and in the schema. */
  readonly names: readonly { readonly feature: string; readonly field: string }[];
}

/** The codec of a group. `earlier`: versions of the same group whose values may still be stored. */
export function hotValueCodec(group: FeatureGroup, earlier: readonly FeatureGroup[] = []): HotValueCodec {
  const current = schemaVersion(group);
  const versions = new Map(earlier.map(schemaVersion).map((version) => [version.fingerprint, version]));
  versions.set(current.fingerprint, current);
  return {
    encodeInto: encoder(group, current),
    decode(bytes) {
      if (bytes.length === EVENT_TIME_BYTES) return undefined;
      if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(EVENT_TIME_BYTES) !== SINGLE_OBJECT_MARKER) {
        throw new DataRejectedError(`hot value of group "${group.name}": is not Avro single-object encoding`);
      }
      const fingerprint = bytes.readBigUInt64LE(EVENT_TIME_BYTES + 2);
      const version = versions.get(fingerprint);
      if (version === undefined) {
        const hex = fingerprint.toString(16).padStart(16, "0");
        throw new NotFoundError(
          `hot value of group "${group.name}": no version given has schema fingerprint ${hex}`,
        );
      }
      return decodePayload(bytes, version, group.name);
    },
  };
}

function schemaVersion(group: FeatureGroup): SchemaVersion {
  const schema = hotValueSchema(group) as unknown as avro.Schema;
  return {
    type: avro.Type.forSchema(schema),
    wideType: avro.Type.forSchema(schema, { registry: { long: wideLong } }),
    fingerprint: schemaFingerprint(group),
    names: group.features.map(({ name }) => ({ feature: name, field: avroFieldName(name) })),
  };
}

function encoder(group: FeatureGroup, version: SchemaVersion): HotValueCodec["encodeInto"] {
  const header = singleObjectHeader(version.fingerprint);
  const payload = payloadEncoder(group);
  return (record, target, start) => {
    const body = start + HEADER_BYTES;
    const room = target.length - body - payload.maxBytes(record);
    if (room < 0) return room;
    writeEventTime(record.eventTimeMs, target, start);
    target.set(header, start + EVENT_TIME_BYTES);
    return payload.encode(record, target, body);
  };
}

/** 8 bytes, big-endian, signed: what the scripts read by `>i8`. */
function writeEventTime(instant: EpochMs, target: Buffer, start: number): void {
  const high = Math.floor(instant / UINT32_RANGE);
  target.writeInt32BE(high, start);
  target.writeUInt32BE(instant - high * UINT32_RANGE, start + 4);
}

/** An instant alone: what a fence holds. */
export function toEventTimeBytes(instant: EpochMs): Buffer {
  const bytes = Buffer.alloc(EVENT_TIME_BYTES);
  writeEventTime(instant, bytes, 0);
  return bytes;
}

function singleObjectHeader(fingerprint: bigint): Buffer {
  const header = Buffer.alloc(HEADER_BYTES - EVENT_TIME_BYTES);
  header.writeUInt16BE(SINGLE_OBJECT_MARKER);
  header.writeBigUInt64LE(fingerprint, 2);
  return header;
}

function decodePayload(bytes: Buffer, { type, wideType, names }: SchemaVersion, group: string): HotValue {
  const payload = bytes.subarray(HEADER_BYTES);
  const narrow = tryDecode(type, payload);
  const isExact = narrow !== undefined && !Object.values(narrow).some(isWide);
  const fields = isExact ? narrow : tryDecode(wideType, payload);
  if (fields === undefined) {
    throw new DataRejectedError(`hot value of group "${group}": the payload does not fit its own schema`);
  }
  const features: Record<string, FeatureValue> = {};
  for (const { feature, field } of names) {
    const value = fields[field];
    if (value !== null && value !== undefined) features[feature] = value;
  }
  return { eventTimeMs: Number(bytes.readBigInt64BE(0)) as EpochMs, features };
}

type Fields = Readonly<Record<string, FeatureValue | null>>;

/** Undefined: the bytes do not fit the type. */
function tryDecode(type: avro.Type, payload: Buffer): Fields | undefined {
  try {
    return type.fromBuffer(payload);
  } catch {
    return undefined;
  }
}

function isWide(value: FeatureValue | null): boolean {
  return typeof value === "number" && (value >= WIDE_FROM || value <= -WIDE_FROM);
}
