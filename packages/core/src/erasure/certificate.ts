// Decides what a certificate of an erasure says and over which bytes it is signed, so that anyone who has the public key
// can check it without this project. Refuses to say what the counts do not bear out.

import { z } from "zod";
import { DifferencesFoundError } from "../errors/steward-error.ts";
import { canonicalBytes } from "../ledger/canonical-json.ts";
import type { Ports } from "../ports/ports.ts";
import type { Pseudonym } from "../ports/pseudonymiser.ts";
import {
  appendEvidence,
  type EvidencePlace,
  type EvidencePorts,
  findEvidenceOf,
} from "../suppression/evidence-chain.ts";
import { type EpochMs, toIso } from "../time/epoch-ms.ts";

export const CERTIFICATE_FORMAT = "steward-erasure-certificate/1";
export const SIGNATURE_ALGORITHM = "ECDSA_P256_SHA256";

export const SUBJECT_OUTCOMES = ["erased", "nothing found", "newer kept"] as const;
export type SubjectOutcome = (typeof SUBJECT_OUTCOMES)[number];

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
const instant = z.iso.datetime({ precision: 3 });

const unsignedCertificate = z.strictObject({
  format: z.literal(CERTIFICATE_FORMAT),
  requestId: z.string(),
  entity: z.string(),
  /** Ascending by pseudonym. */
  subjects: z.array(z.strictObject({ pseudonym: hash, outcome: z.enum(SUBJECT_OUTCOMES) })),
  /** T: nothing dated at or before it is written again. */
  suppressedUntil: instant,
  requestedAt: instant,
  suppressedAt: instant,
  certifiedAt: instant,
  copies: z.array(
    z.strictObject({
      copy: z.string(),
      name: z.string(),
      lookedAt: count,
      found: count,
      erased: count,
      newerKept: count,
      logicallyGoneAt: instant.nullable(),
      physicallyGoneAt: instant.nullable(),
      expiresOn: instant.nullable(),
    }),
  ),
  /** What is not erased, and why. */
  stays: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  /** The independent look at all copies after the erasing. */
  scan: z.strictObject({ reader: z.string(), objects: count, versions: count, found: z.literal(0) }),
  /** When the last passes over the copies come, after the replay window. */
  finishAfter: instant,
  /** Where the certificate stands in the evidence. */
  chain: z.strictObject({ number: z.number().int().positive(), previous: hash }),
});
export type UnsignedCertificate = z.infer<typeof unsignedCertificate>;

export const certificateSchema = unsignedCertificate.extend({
  signature: z.strictObject({
    algorithm: z.literal(SIGNATURE_ALGORITHM),
    /** SHA-256 of the public key's SPKI DER. */
    keyId: hash,
    /** Base64 of the DER, over the canonical bytes of the certificate without this member. */
    value: z.base64(),
  }),
});
export type Certificate = z.infer<typeof certificateSchema>;

export interface CertifiedCopy {
  readonly copy: string;
  readonly name: string;
  /** Records, objects or versions, whatever the copy is made of. */
  readonly lookedAt: number;
  readonly found: number;
  readonly erased: number;
  readonly newerKept: number;
  readonly logicallyGoneAtMs: EpochMs | null;
  readonly physicallyGoneAtMs: EpochMs | null;
  readonly expiresOnMs: EpochMs | null;
}

export interface CertificateInput {
  readonly requestId: string;
  readonly entity: string;
  readonly subjects: readonly { readonly pseudonym: Pseudonym; readonly outcome: SubjectOutcome }[];
  readonly suppressedUntilMs: EpochMs;
  readonly requestedAtMs: EpochMs;
  readonly suppressedAtMs: EpochMs;
  readonly copies: readonly CertifiedCopy[];
  readonly stays: readonly { readonly what: string; readonly why: string }[];
  readonly scan: {
    readonly reader: string;
    readonly objects: number;
    readonly versions: number;
    readonly found: number;
  };
  readonly finishAfterMs: EpochMs;
}

/** @throws DifferencesFoundError when the counts do not balance, or something is left that neither went nor expires. */
export function buildCertificate(input: CertificateInput, place: EvidencePlace): UnsignedCertificate {
  refuseUnfinished(input);
  const { requestId, entity, stays } = input;
  return unsignedCertificate.parse({
    format: CERTIFICATE_FORMAT,
    requestId,
    entity,
    subjects: input.subjects.toSorted((left, right) => (left.pseudonym < right.pseudonym ? -1 : 1)),
    suppressedUntil: toIso(input.suppressedUntilMs),
    requestedAt: toIso(input.requestedAtMs),
    suppressedAt: toIso(input.suppressedAtMs),
    certifiedAt: place.at,
    copies: input.copies.map(({ logicallyGoneAtMs, physicallyGoneAtMs, expiresOnMs, ...counted }) => ({
      ...counted,
      logicallyGoneAt: toIsoOrNull(logicallyGoneAtMs),
      physicallyGoneAt: toIsoOrNull(physicallyGoneAtMs),
      expiresOn: toIsoOrNull(expiresOnMs),
    })),
    stays,
    scan: input.scan,
    finishAfter: [place.at, toIso(input.finishAfterMs)].sort().at(-1), // as text they sort by time
    chain: { number: place.number, previous: place.previous },
  });
}

/** What is signed: the canonical JSON of the certificate without its signature. */
export function certificateBytes(certificate: UnsignedCertificate): Uint8Array {
  return canonicalBytes(unsignedCertificate.parse(certificate));
}

/** The file that is handed out: canonical JSON and nothing else, so that no bit of it can change unnoticed. */
export function certificateFile(certificate: Certificate): Uint8Array {
  return canonicalBytes(certificateSchema.parse(certificate));
}

/** Signs and appends to the evidence, once a request: the same again gives the certificate that is there. */
export async function signCertificate(
  ports: EvidencePorts & Pick<Ports, "signer">,
  input: CertificateInput,
): Promise<Certificate> {
  const { signer } = ports;
  const { entry } = await appendEvidence(ports, {
    kind: "certificate",
    requestId: input.requestId,
    async body(place) {
      const unsigned = buildCertificate(input, place);
      const value = toBase64(await signer.sign(certificateBytes(unsigned)));
      return { ...unsigned, signature: { algorithm: SIGNATURE_ALGORITHM, keyId: signer.keyId, value } };
    },
  });
  return certificateSchema.parse(entry.body);
}

/** The certificate of a request; undefined: none yet. */
export async function findCertificate(
  ports: Pick<Ports, "ledger" | "objects">,
  requestId: string,
): Promise<Certificate | undefined> {
  const found = await findEvidenceOf(ports, { kind: "certificate", requestId });
  return found === undefined ? undefined : certificateSchema.parse(found.entry.body);
}

function refuseUnfinished({ copies, scan, requestId }: CertificateInput): void {
  const refuse = (why: string): never => {
    throw new DifferencesFoundError(`the erasure ${requestId} cannot be certified: ${why}`);
  };
  if (scan.found !== 0) refuse(`the scan still finds ${scan.found}`);
  for (const { copy, name, found, erased, newerKept, physicallyGoneAtMs, expiresOnMs } of copies) {
    if (found !== erased + newerKept)
      refuse(`${copy} ${name}: ${found} found, ${erased} erased and ${newerKept} newer kept`);
    if (erased > 0 && physicallyGoneAtMs === null && expiresOnMs === null)
      refuse(`${copy} ${name}: ${erased} neither went nor have a date on which they expire`);
  }
}

const toIsoOrNull = (instantMs: EpochMs | null): string | null =>
  instantMs === null ? null : toIso(instantMs);

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
