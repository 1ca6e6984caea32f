// Decides where the fields of a struct lie in Thrift's compact encoding, in which Parquet footers are written, so that
// fields can be moved from one footer to another byte for byte.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md, read 2026-11-25.

export interface ThriftField {
  readonly id: number;
  readonly type: number;
  /** The value without the field's header; empty for a boolean, which its type says. */
  readonly bytes: Uint8Array;
}

const STOP = 0;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const MAP = 11;
const STRUCT = 12;
const UUID = 13;
const LONG_SIZE = 15;
const MORE = 0x80;

/** The fields of the struct that begins these bytes, in their order. @throws RangeError where the bytes are none. */
export function splitStruct(bytes: Uint8Array): readonly ThriftField[] {
  const cursor = new Cursor(bytes);
  const fields: ThriftField[] = [];
  let id = 0;
  for (let head = cursor.header(id); head !== undefined; head = cursor.header(id)) {
    const start = cursor.at;
    if (head.type !== TRUE && head.type !== FALSE) cursor.skip(head.type);
    fields.push({ ...head, bytes: bytes.subarray(start, cursor.at) });
    id = head.id;
  }
  return fields;
}

/** The struct of these fields, whose ids ascend by at most 15. */
export function joinStruct(fields: readonly ThriftField[]): Uint8Array {
  let last = 0;
  const parts = fields.map(({ id, type, bytes }) => {
    const header = ((id - last) << 4) | type;
    last = id;
    return Buffer.concat([Buffer.of(header), bytes]);
  });
  return Buffer.concat([...parts, Buffer.of(STOP)]);
}

class Cursor {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Undefined at the end of the struct. */
  header(lastId: number): { readonly id: number; readonly type: number } | undefined {
    const byte = this.#byte();
    if (byte === STOP) return undefined;
    const delta = byte >> 4;
    const zigzag = delta === 0 ? this.#varint() : 0;
    return { id: delta === 0 ? (zigzag >>> 1) ^ -(zigzag & 1) : lastId + delta, type: byte & 0xf };
  }

  skip(type: number): void {
    if (type === TRUE || type === FALSE || type === BYTE) this.#advance(1);
    else if (type < DOUBLE) this.#varint();
    else if (type === DOUBLE) this.#advance(8);
    else if (type === BINARY) this.#advance(this.#varint());
    else if (type === LIST || type === SET) this.#skipList();
    else if (type === MAP) this.#skipMap();
    else if (type === STRUCT) this.#skipStruct();
    else if (type === UUID) this.#advance(16);
    else throw new RangeError("not a type of Thrift's compact encoding");
  }

  #skipList(): void {
    const byte = this.#byte();
    const size = byte >> 4 === LONG_SIZE ? this.#varint() : byte >> 4;
    for (let left = size; left > 0; left--) this.skip(byte & 0xf);
  }

  #skipMap(): void {
    const size = this.#varint();
    const types = size === 0 ? 0 : this.#byte();
    for (let left = size; left > 0; left--) {
      this.skip(types >> 4);
      this.skip(types & 0xf);
    }
  }

  #skipStruct(): void {
    let id = 0;
    for (let head = this.header(id); head !== undefined; head = this.header(id)) {
      if (head.type !== TRUE && head.type !== FALSE) this.skip(head.type);
      id = head.id;
    }
  }

  /** Lengths fit 53 bits; of longer numbers only the end matters. */
  #varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#byte();
      value += (byte & ~MORE) * factor;
      if ((byte & MORE) === 0) return value;
      factor *= MORE;
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    this.#advance(1);
    return byte ?? 0;
  }

  #advance(count: number): void {
    this.at += count;
    if (this.at > this.#bytes.length) throw new RangeError("the bytes end within a value");
  }
}
