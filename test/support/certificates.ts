// A certificate of the tests: signed by a key of the test, kept in an evidence of the test.

import { generateKeyPairSync } from "node:crypto";
import { KeyFileSigner } from "@steward/adapters";
import {
  type Certificate,
  type CertificateInput,
  certificateFile,
  type ObjectStore,
  type Signer,
  signCertificate,
  suppressSubjects,
  toEpochMs,
} from "@steward/core";
import { aLedger, anObjectStore } from "./durable-stores.ts";

const NOW = toEpochMs(901_238_400_000); // 1998-07-24

export interface SignedCertificate {
  readonly certificate: Certificate;
  readonly file: Uint8Array;
  readonly publicKeyPem: string;
  readonly objects: ObjectStore;
}

export function aSigner(): KeyFileSigner {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return new KeyFileSigner(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

export function aCertificateInput(overrides: Partial<CertificateInput> = {}): CertificateInput {
  return {
    requestId: "request-1",
    entity: "customer",
    subjects: [
      { pseudonym: "b".repeat(64), outcome: "nothing found" },
      { pseudonym: "a".repeat(64), outcome: "erased" },
    ],
    suppressedUntilMs: toEpochMs(NOW + 1),
    requestedAtMs: toEpochMs(NOW - 10),
    suppressedAtMs: NOW,
    copies: [
      {
        copy: "offline",
        name: "customer-purchases",
        lookedAt: 4,
        found: 3,
        erased: 2,
        newerKept: 1,
        logicallyGoneAtMs: NOW,
        physicallyGoneAtMs: NOW,
        expiresOnMs: null,
      },
    ],
    stays: [{ what: "sums over all customers, computed before — é", why: "they name nobody" }],
    scan: { reader: "hyparquet", objects: 4, versions: 4, found: 0 },
    finishAfterMs: toEpochMs(NOW + 604_800_000),
    ...overrides,
  };
}

/** As entry 2 of the evidence, after its suppression. */
export async function aSignedCertificate(signer: Signer = aSigner()): Promise<SignedCertificate> {
  const objects = anObjectStore();
  const ports = { ledger: aLedger(), objects, clock: { now: () => NOW }, signer };
  const input = aCertificateInput();
  const pseudonyms = input.subjects.map(({ pseudonym }) => pseudonym);
  await suppressSubjects(ports, input.entity, input.requestId, pseudonyms);
  const certificate = await signCertificate(ports, input);
  return { certificate, file: certificateFile(certificate), publicKeyPem: signer.publicKeyPem, objects };
}
