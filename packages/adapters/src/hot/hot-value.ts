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
  InvalidInputError,
  NotFoundError,
  schemaFingerprint,
} from "@steward/core";
import avro from "avsc";

export const EVENT_TIME_BYTES = 8;
const HEADER_BYTES = EVENT_TIME_BYTES + 2 + 8;
const SINGLE_OBJECT_MARKER = 0xc301;
const FIRST_SCRATCH_BYTES = 16_384;

/** Encodes with one version of a group and decodes values of any version it was given. */
export interface HotValueCodec {
  /** @throws InvalidInputError naming the feature whose value its type cannot hold. */
  encode(record: FeatureRecord): Buffer;
  /** The value, with the features of the version it was written by; undefined: a tombstone (an event time alone).
   * @throws NotFoundError naming group and fingerprint when no version given has the value's schema. */
  decode(bytes: Buffer): HotValue | undefined;
}

interface SchemaVersion {
  readonly type: avro.Type;
  readonly fingerprint: bigint;
  /** Feature and Avro field, pairwise. */
  readonly names: readonly (readonly [feature: string, field: string])[];
}

/** The codec of a group. `earlier`: versions of the same group whose values may still be stored. */
export function hotValueCodec(group: FeatureGroup, earlier: readonly FeatureGroup[] = []): HotValueCodec {
  const current = schemaVersion(group);
  const versions = new Map(earlier.map(schemaVersion).map((version) => [version.fingerprint, version]));
  versions.set(current.fingerprint, current);
  return {
    encode: encoder(group, current),
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
  const schema = hotValueSchema(group);
  return {
    type: avro.Type.forSchema(schema as unknown as avro.Schema),
    fingerprint: schemaFingerprint(group),
    names: group.features.map(({ name }) => [name, avroFieldName(name)]),
  };
}

function encoder(group: FeatureGroup, { type, fingerprint, names }: SchemaVersion): HotValueCodec["encode"] {
  let scratch = headed(FIRST_SCRATCH_BYTES, fingerprint);
  const fields: Record<string, FeatureValue | null> = {};
  return ({ eventTimeMs, features }) => {
    for (const [feature, field] of names) fields[field] = features[feature] ?? null;
    let end = encodeInto(scratch);
    if (end < 0) {
      scratch = headed(2 * (scratch.length - end), fingerprint);
      end = encodeInto(scratch);
    }
    scratch.writeBigInt64BE(BigInt(eventTimeMs), 0);
    return Buffer.from(scratch.subarray(0, end));
  };

  function encodeInto(target: Buffer): number {
    try {
      return type.encode(fields, target, HEADER_BYTES);
    } catch {
      // The library's message quotes the value.
      throw new InvalidInputError(
        `record of group "${group.name}": ${misfit(type, fields)}: is not of its declared type`,
      );
    }
  }
}

function headed(sizeBytes: number, fingerprint: bigint): Buffer {
  const buffer = Buffer.alloc(Math.max(sizeBytes, HEADER_BYTES));
  buffer.writeUInt16BE(SINGLE_OBJECT_MARKER, EVENT_TIME_BYTES);
  buffer.writeBigUInt64LE(fingerprint, EVENT_TIME_BYTES + 2);
  return buffer;
}

function misfit(type: avro.Type, fields: Record<string, FeatureValue | null>): string {
  let name = "a feature";
  type.isValid(fields, {
    errorHook(path) {
      name = `feature "${path[0]}"`;
    },
  });
  return name;
}

function decodePayload(bytes: Buffer, { type, names }: SchemaVersion, group: string): HotValue {
  let fields: Record<string, FeatureValue | null>;
  try {
    fields = type.fromBuffer(bytes.subarray(HEADER_BYTES));
  } catch {
    throw new DataRejectedError(`hot value of group "${group}": the payload does not fit its own schema`);
  }
  const features: Record<string, FeatureValue> = {};
  for (const [feature, field] of names) {
    const value = fields[field];
    if (value !== null && value !== undefined) features[feature] = value;
  }
  return { eventTimeMs: Number(bytes.readBigInt64BE(0)) as EpochMs, features };
}
