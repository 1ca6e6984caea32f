// Looks for identifiers in bytes, in each form in which one could lie there: as text of three encodings, in hex, in
// base64, or as a digest that whoever has a list of identifiers could look up.

import { createHash } from "node:crypto";

export interface Needle {
  /** Which canary, by its position, and how it was written. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** Half of 16 random letters is still one of 2 × 10^11, and is found where the whole was cut off. */
const PART_LETTERS = 8;

/** 16 letters each, the same for the same seed. */
export function makeCanaries(count: number, seed: number): readonly string[] {
  const letter = (canary: number, place: number): string => {
    const digest = createHash("sha256").update(`${seed}:${canary}:${place}`).digest();
    return String.fromCharCode(97 + (digest.readUInt32BE(0) % 26));
  };
  return Array.from({ length: count }, (_, canary) =>
    Array.from({ length: 16 }, (_unused, place) => letter(canary, place)).join(""),
  );
}

export function toNeedles(canaries: readonly string[]): readonly Needle[] {
  return canaries.flatMap((canary, index) => [
    ...[canary.slice(0, PART_LETTERS), canary.slice(-PART_LETTERS)].flatMap((part) => formsOf(index, part)),
    ...["", "customer\0", "customer"].flatMap((prefix) => digestsOf(index, prefix + canary)),
  ]);
}

/** What was found where; empty when nothing was. */
export function findLeaks(place: string, content: Uint8Array, needles: readonly Needle[]): readonly string[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return needles.filter((needle) => bytes.includes(needle.bytes)).map(({ name }) => `${place}: ${name}`);
}

function formsOf(index: number, part: string): readonly Needle[] {
  const text = Buffer.from(part, "utf8");
  const wide = Buffer.from(part, "utf16le");
  const named = (form: string, bytes: Buffer): Needle => ({ name: `canary ${index} as ${form}`, bytes });
  return [
    named("text", text),
    named("upper case", Buffer.from(part.toUpperCase())),
    named("UTF-16", wide),
    named("UTF-16, big end first", Buffer.from(wide).swap16()),
    named("hex", Buffer.from(text.toString("hex"))),
    named("upper-case hex", Buffer.from(text.toString("hex").toUpperCase())),
    ...base64Forms(text).map((form) => named("base64", Buffer.from(form))),
    ...base64Forms(wide).map((form) => named("base64 of UTF-16", Buffer.from(form))),
  ];
}

/** The characters of base64 that depend on these bytes alone, wherever in a longer text the bytes begin. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
}

function digestsOf(index: number, text: string): readonly Needle[] {
  return ["md5", "sha1", "sha256"].flatMap((algorithm) => {
    const digest = createHash(algorithm).update(text).digest();
    const name = `canary ${index} as ${algorithm}`;
    return [
      { name, bytes: digest },
      { name: `${name} in hex`, bytes: Buffer.from(digest.toString("hex")) },
      { name: `${name} in base64`, bytes: Buffer.from(digest.toString("base64").replace(/=+$/, "")) },
    ];
  });
}
