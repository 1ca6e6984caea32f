// Decides whether a certificate of an erasure is what was signed, and whether the evidence holds it. Needs the file, the
// public key and, where it is asked, the entries of the evidence; nothing of this project, so that anyone may read it whole.

import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

export type Verdict =
  | { readonly kind: "valid"; readonly certificate: CheckedCertificate }
  /** Changed since it was signed, or signed by another key. */
  | { readonly kind: "invalid"; readonly reason: string }
  /** No certificate, or no key, that anything could be said of. */
  | { readonly kind: "unusable"; readonly reason: string };

/** Members that a verdict repeats; their text is as it was signed. */
export interface CheckedCertificate {
  readonly requestId: string;
  readonly entity: string;
  readonly subjectCount: number;
  readonly suppressedUntil: string;
  readonly certifiedAt: string;
  readonly keyId: string;
  readonly chainNumber: number;
  /** The canonical text, signature included: what the evidence holds as a body. */
  readonly text: string;
}

export type ChainVerdict =
  | { readonly kind: "valid"; readonly entries: number }
  | { readonly kind: "invalid"; readonly reason: string };

const FORMAT = "steward-erasure-certificate/1";
const ALGORITHM = "ECDSA_P256_SHA256";
const ENTRY_FILE = /^(\d{9})(?:\.[0-9a-f]{24})?\.json$/; // a local object store writes the version before the ending
const NEW_LINE = 0x0a;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/**
 * A certificate is its canonical JSON to the last byte (one line end may follow). The signature, ECDSA P-256 over
 * SHA-256 in DER, covers the canonical JSON of it without the member `signature`.
 */
export function verifyCertificate(file: Uint8Array, publicKeyPem: string): Verdict {
  const key = readKey(publicKeyPem);
  if (key === undefined)
    return { kind: "unusable", reason: "the key is no public key of the curve P-256 in PEM" };
  const certificate = readObject(file);
  if (certificate === undefined || !isCertificate(certificate)) {
    return looksLikeCertificate(file)
      ? invalid("the file was changed: it is no whole certificate any more")
      : { kind: "unusable", reason: "the file is not a certificate of an erasure" };
  }
  const { signature, ...signed } = certificate;
  const text = canonical(certificate);
  if (!bytesOf(text).equals(withoutLineEnd(file)))
    return invalid("the file was changed: it is not byte for byte what was signed");
  if (signature.keyId !== keyIdOf(key)) return invalid("it was signed by another key than this");
  const der = Buffer.from(signature.value, "base64");
  const isSigned =
    der.toString("base64") === signature.value &&
    verify("sha256", bytesOf(canonical(signed)), { key, dsaEncoding: "der" }, der);
  if (!isSigned) return invalid("the file was changed: the signature does not fit what it says");
  return {
    kind: "valid",
    certificate: {
      requestId: certificate.requestId,
      entity: certificate.entity,
      subjectCount: certificate.subjects.length,
      suppressedUntil: certificate.suppressedUntil,
      certifiedAt: certificate.certifiedAt,
      keyId: signature.keyId,
      chainNumber: certificate.chain.number,
      text,
    },
  };
}

/** Whether the entries `000000001.json` … of a folder are one unbroken chain that holds the certificate where it says. */
export function verifyChain(folder: string, { chainNumber, text }: CheckedCertificate): ChainVerdict {
  const files = new Map<number, string>();
  for (const name of readdirSync(folder).sort()) {
    const number = ENTRY_FILE.exec(name)?.[1];
    if (number !== undefined) files.set(Number(number), name);
  }
  const last = Math.max(0, ...files.keys());
  let previous = "0".repeat(64);
  for (let number = 1; number <= last; number += 1) {
    const name = files.get(number);
    if (name === undefined) return invalid(`entry ${number} of the evidence is missing`);
    const bytes = readFileSync(`${folder}/${name}`);
    const entry = readObject(bytes);
    if (entry === undefined) return invalid(`entry ${number} of the evidence was changed: it is not JSON`);
    if (entry.number !== number) return invalid(`entry ${number} of the evidence says another number`);
    if (entry.previous !== previous)
      return invalid(
        `entry ${number} of the evidence does not name the one before it: one of the two was changed`,
      );
    const holds = entry.kind === "certificate" && entry.body !== undefined && canonical(entry.body) === text;
    if (number === chainNumber && !holds)
      return invalid(`entry ${number} of the evidence is not this certificate`);
    previous = createHash("sha256").update(bytes).digest("hex");
  }
  if (last < chainNumber)
    return invalid(`the evidence ends at entry ${last}, and the certificate is entry ${chainNumber}`);
  return { kind: "valid", entries: last };
}

type CertificateMembers = JsonObject & {
  readonly requestId: string;
  readonly entity: string;
  readonly subjects: readonly Json[];
  readonly suppressedUntil: string;
  readonly certifiedAt: string;
  readonly chain: { readonly number: number };
  readonly signature: { readonly keyId: string; readonly value: string };
};

/** What this file reads is there and of its type; what else a certificate says is covered by the signature. */
function isCertificate(object: JsonObject): object is CertificateMembers {
  const { format, subjects, chain, signature } = object;
  const texts = [object.requestId, object.entity, object.suppressedUntil, object.certifiedAt];
  return (
    format === FORMAT &&
    texts.every((text) => typeof text === "string") &&
    Array.isArray(subjects) &&
    isObject(chain) &&
    Number.isSafeInteger(chain.number) &&
    isObject(signature) &&
    Object.keys(signature).sort().join() === "algorithm,keyId,value" &&
    signature.algorithm === ALGORITHM &&
    typeof signature.keyId === "string" &&
    typeof signature.value === "string"
  );
}

/** So that damage anywhere is told from a file of another kind: no one bit spoils both words. */
function looksLikeCertificate(file: Uint8Array): boolean {
  const text = Buffer.from(file).toString("latin1");
  return text.includes(FORMAT) || text.includes(ALGORITHM);
}

/** Undefined: not JSON, not UTF-8, or no object. */
function readObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Keys sorted by UTF-16 units, no white space. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`);
  return `{${members.join(",")}}`;
}

const keyIdOf = (key: KeyObject): string =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
const bytesOf = (text: string): Buffer => Buffer.from(text, "utf8");
const withoutLineEnd = (file: Uint8Array): Uint8Array =>
  file.at(-1) === NEW_LINE ? file.subarray(0, -1) : file;
const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const invalid = (reason: string) => ({ kind: "invalid", reason }) as const;
