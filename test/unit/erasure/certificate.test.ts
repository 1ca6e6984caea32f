// What a certificate says, over which bytes it is signed, and what it refuses to say.

import { createPublicKey, verify } from "node:crypto";
import {
  buildCertificate,
  checkChain,
  findCertificate,
  readEvidence,
  signCertificate,
  toEpochMs,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { aCertificateInput, aSignedCertificate, aSigner } from "../../support/certificates.ts";
import { aLedger, anObjectStore } from "../../support/durable-stores.ts";

const PLACE = { number: 7, previous: "f".repeat(64), at: "1998-07-24T00:01:00.000Z" };
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const [copy] = aCertificateInput().copies;
const withCopy = (overrides: object) =>
  aCertificateInput({ copies: [{ ...(copy as NonNullable<typeof copy>), ...overrides }] });

describe("buildCertificate", () => {
  it("says all of it, subjects ascending, instants as ISO-8601 text", () => {
    expect(buildCertificate(aCertificateInput(), PLACE)).toEqual({
      format: "steward-erasure-certificate/1",
      requestId: "request-1",
      entity: "customer",
      subjects: [
        { pseudonym: "a".repeat(64), outcome: "erased" },
        { pseudonym: "b".repeat(64), outcome: "nothing found" },
      ],
      suppressedUntil: "1998-07-24T00:00:00.001Z",
      requestedAt: "1998-07-23T23:59:59.990Z",
      suppressedAt: "1998-07-24T00:00:00.000Z",
      certifiedAt: "1998-07-24T00:01:00.000Z",
      copies: [
        {
          copy: "offline",
          name: "customer-purchases",
          lookedAt: 4,
          found: 3,
          erased: 2,
          newerKept: 1,
          logicallyGoneAt: "1998-07-24T00:00:00.000Z",
          physicallyGoneAt: "1998-07-24T00:00:00.000Z",
          expiresOn: null,
        },
      ],
      stays: [{ what: "sums over all customers, computed before — é", why: "they name nobody" }],
      scan: { reader: "hyparquet", objects: 4, versions: 4, found: 0 },
      finishAfter: "1998-07-31T00:00:00.000Z",
      chain: { number: 7, previous: "f".repeat(64) },
    });
  });

  it.each([
    ["counts that do not balance", withCopy({ erased: 1 }), /3 found, 1 erased and 1 newer kept/],
    [
      "what neither went nor expires",
      withCopy({ physicallyGoneAtMs: null }),
      /2 neither went nor have a date/,
    ],
    [
      "a scan that still finds something",
      aCertificateInput({ scan: { reader: "hyparquet", objects: 4, versions: 4, found: 1 } }),
      /the scan still finds 1/,
    ],
  ])("refuses to certify %s", (_, input, message) => {
    expect(() => buildCertificate(input, PLACE)).toThrow(message);
    expect(() => buildCertificate(input, PLACE)).toThrow(
      expect.objectContaining({ name: "DifferencesFoundError" }),
    );
  });

  it("certifies what is gone by its date of expiry", () => {
    const expiring = withCopy({ physicallyGoneAtMs: null, expiresOnMs: toEpochMs(902_000_000_000) });

    expect(buildCertificate(expiring, PLACE).copies[0]?.expiresOn).toBe("1998-08-01T19:33:20.000Z");
  });

  it("certifies a request that found nothing anywhere", () => {
    const nothing = withCopy({ found: 0, erased: 0, newerKept: 0, physicallyGoneAtMs: null });

    expect(buildCertificate(nothing, PLACE).copies[0]).toMatchObject({ lookedAt: 4, found: 0 });
  });
});

describe("signCertificate", () => {
  it("signs the canonical text without the signature", async () => {
    const { certificate, file, publicKeyPem } = await aSignedCertificate();
    const signed = textOf(file).replace(/"signature":\{[^}]*\},/, "");

    const isSigned = verify(
      "sha256",
      Buffer.from(signed),
      createPublicKey(publicKeyPem),
      Buffer.from(certificate.signature.value, "base64"),
    );

    expect(isSigned).toBe(true);
    expect(signed).toMatch(/^\{"certifiedAt":.*"suppressedUntil":"[^"]*"\}$/);
    expect(signed).not.toContain("signature");
  });

  it("is the body of the evidence entry that it names", async () => {
    const { certificate, objects } = await aSignedCertificate();
    const entries = [];
    for await (const { entry } of readEvidence(objects)) entries.push(entry);

    expect(entries.map(({ kind }) => kind)).toEqual(["suppression", "certificate"]);
    expect(entries[1]).toMatchObject({ number: 2, previous: certificate.chain.previous, body: certificate });
    expect(certificate.chain.number).toBe(2);
    expect(await checkChain(objects)).toEqual({ entries: 2, fault: undefined });
  });

  it("gives the certificate that is there when it is asked for again, even with another key", async () => {
    const ports = { ledger: aLedger(), objects: anObjectStore(), clock: { now: () => toEpochMs(1_000) } };
    const first = await signCertificate({ ...ports, signer: aSigner() }, aCertificateInput());

    const again = await signCertificate({ ...ports, signer: aSigner() }, aCertificateInput());

    expect(again).toEqual(first);
    expect(await findCertificate(ports, "request-1")).toEqual(first);
    expect(await findCertificate(ports, "request-2")).toBeUndefined();
  });

  it("appends nothing when it refuses", async () => {
    const ports = { ledger: aLedger(), objects: anObjectStore(), clock: { now: () => toEpochMs(1_000) } };

    await expect(signCertificate({ ...ports, signer: aSigner() }, withCopy({ erased: 0 }))).rejects.toThrow(
      /cannot be certified/,
    );

    expect(await ports.objects.list("evidence/")).toEqual([]);
  });
});
