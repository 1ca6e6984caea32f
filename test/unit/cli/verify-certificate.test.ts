// Whether a certificate is what was signed, bit by bit, and whether the evidence holds it.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendEvidence } from "@steward/core";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  type CheckedCertificate,
  verifyCertificate,
  verifyChain,
} from "../../../packages/cli/src/certificate/verify-certificate.ts";
import { aSignedCertificate, aSigner } from "../../support/certificates.ts";
import { aLedger } from "../../support/durable-stores.ts";

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("verifyCertificate", () => {
  it("finds a certificate valid by the key that signed it, and says what it certifies", async () => {
    const { certificate, file, publicKeyPem } = await aSignedCertificate();

    expect(verifyCertificate(file, publicKeyPem)).toEqual({
      kind: "valid",
      certificate: {
        requestId: "request-1",
        entity: "customer",
        subjectCount: 2,
        suppressedUntil: "1998-07-24T00:00:00.001Z",
        certifiedAt: "1998-07-24T00:00:00.000Z",
        keyId: certificate.signature.keyId,
        chainNumber: 2,
        text: textOf(file),
      },
    });
    expect(verifyCertificate(Buffer.from(`${textOf(file)}\n`), publicKeyPem).kind).toBe("valid");
  });

  it("finds every single changed bit", async () => {
    const { file, publicKeyPem } = await aSignedCertificate();
    const unnoticed: number[] = [];

    for (let bit = 0; bit < file.length * 8; bit += 1) {
      const changed = Uint8Array.from(file);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (verifyCertificate(changed, publicKeyPem).kind !== "invalid") unnoticed.push(bit);
    }

    expect(unnoticed).toEqual([]);
  });

  it("finds every changed bit of the line end", async () => {
    const { file, publicKeyPem } = await aSignedCertificate();

    for (let bit = 0; bit < 8; bit += 1) {
      const changed = Uint8Array.from([...file, 0x0a ^ (1 << bit)]);
      expect(verifyCertificate(changed, publicKeyPem).kind).toBe("invalid");
    }
  });

  it.each<[string, (text: string) => string]>([
    ["a member twice", (text) => text.replace('"entity":', '"entity":"product","entity":')],
    ["another form of the same text", (text) => JSON.stringify(JSON.parse(text), undefined, 2)],
    ["an escape for a letter", (text) => text.replace('"customer"', '"\\u0063ustomer"')],
    ["a member that was not signed", (text) => text.replace('"algorithm"', '"a":1,"algorithm"')],
    ["a subject less", (text) => text.replace(/"subjects":\[\{[^}]*\},/, '"subjects":[')],
    ["another outcome", (text) => text.replace('"nothing found"', '"erased"')],
    ["its second half", (text) => text.slice(text.length / 2)],
    ["its first half", (text) => text.slice(0, text.length / 2)],
  ])("refuses %s", async (_, change) => {
    const { file, publicKeyPem } = await aSignedCertificate();
    const changed = change(textOf(file));

    expect(changed).not.toBe(textOf(file));
    expect(verifyCertificate(Buffer.from(changed), publicKeyPem).kind).toBe("invalid");
  });

  it("tells another key from a change", async () => {
    const { file } = await aSignedCertificate();

    expect(verifyCertificate(file, aSigner().publicKeyPem)).toEqual({
      kind: "invalid",
      reason: "it was signed by another key than this",
    });
  });

  it("refuses a certificate that another signed in the name of the key", async () => {
    const { file, publicKeyPem } = await aSignedCertificate();
    const other = aSigner();
    const forged = textOf(file).replace('"erased":2', '"erased":3');
    const unsigned = forged.replace(/"signature":\{[^}]*\},/, "");
    const value = Buffer.from(await other.sign(Buffer.from(unsigned))).toString("base64");

    const verdict = verifyCertificate(
      Buffer.from(forged.replace(/"value":"[^"]*"/, `"value":"${value}"`)),
      publicKeyPem,
    );

    expect(verdict).toEqual({
      kind: "invalid",
      reason: "the file was changed: the signature does not fit what it says",
    });
  });

  it.each([
    ["text", "hello"],
    ["nothing", ""],
    ["JSON of another kind", '{"format":"something else"}'],
    ["JSON that is no object", "[1]"],
  ])("cannot use %s as a certificate", async (_, text) => {
    const { publicKeyPem } = await aSignedCertificate();

    expect(verifyCertificate(Buffer.from(text), publicKeyPem)).toMatchObject({ kind: "unusable" });
  });

  it("cannot use what is no public key", async () => {
    const { file } = await aSignedCertificate();

    expect(verifyCertificate(file, "no key")).toMatchObject({
      kind: "unusable",
      reason: expect.stringContaining("the key"),
    });
  });
});

describe("verify-certificate.ts", () => {
  it("is read whole by anyone: at most 200 lines, and nothing imported but Node", () => {
    const text = readFileSync(
      join(import.meta.dirname, "../../../packages/cli/src/certificate/verify-certificate.ts"),
      "utf8",
    );

    expect(text.split("\n").length).toBeLessThanOrEqual(201);
    expect([...text.matchAll(/ from "([^"]*)"/g)].map(([, name]) => name)).toEqual([
      "node:crypto",
      "node:fs",
    ]);
  });
});

describe("verifyChain", () => {
  it("finds the certificate in the evidence, as a local folder or a bucket's copy has it", async () => {
    const { folder, certificate } = await someEvidence();
    const plain = mkdtempSync(join(tmpdir(), "steward-evidence-"));
    onTestFinished(() => rmSync(plain, { recursive: true }));
    for (const name of readdirSync(folder))
      cpSync(join(folder, name), join(plain, `${name.slice(0, 9)}.json`));

    expect(readdirSync(folder)[0]).toMatch(/^000000001\.[0-9a-f]{24}\.json$/);
    expect(verifyChain(folder, certificate)).toEqual({ kind: "valid", entries: 3 });
    expect(verifyChain(plain, certificate)).toEqual({ kind: "valid", entries: 3 });
  });

  it.each<[string, (folder: string) => void, string]>([
    ["a changed entry", (folder) => change(folder, 1, '"customer"', '"product"'), "entry 2"],
    ["a changed certificate", (folder) => change(folder, 2, '"lookedAt":4', '"lookedAt":5'), "entry 2"],
    ["a missing entry", (folder) => rmSync(fileOf(folder, 1)), "entry 1 of the evidence is missing"],
    ["an entry that is no JSON", (folder) => writeFileSync(fileOf(folder, 2), "{"), "entry 2"],
    ["an entry under another number", (folder) => cpSync(fileOf(folder, 2), fileOf(folder, 3)), "entry 3"],
    [
      "evidence that ends before it",
      (folder) => {
        rmSync(fileOf(folder, 3));
        rmSync(fileOf(folder, 2));
      },
      "ends at entry 1",
    ],
  ])("finds %s", async (_, harm, reason) => {
    const { folder, certificate } = await someEvidence();

    harm(folder);

    expect(verifyChain(folder, certificate)).toEqual({
      kind: "invalid",
      reason: expect.stringContaining(reason),
    });
  });
});

/** Three entries, of which the certificate is the second. */
async function someEvidence(): Promise<{ folder: string; certificate: CheckedCertificate }> {
  const { file, publicKeyPem, objects } = await aSignedCertificate();
  const ports = { ledger: aLedger(), objects, clock: { now: () => 0 as never } };
  const { key } = await appendEvidence(ports, { kind: "finish", requestId: "request-1", body: () => null });
  const verdict = verifyCertificate(file, publicKeyPem);
  if (verdict.kind !== "valid") throw new Error(verdict.reason);
  return { folder: join(await objects.locate(key), ".."), certificate: verdict.certificate };
}

function fileOf(folder: string, number: number): string {
  const name = readdirSync(folder).find((file) => Number(file.slice(0, 9)) === number);
  return join(folder, name ?? "missing");
}

function change(folder: string, number: number, from: string, to: string): void {
  const file = fileOf(folder, number);
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`entry ${number} has no ${from}`);
  writeFileSync(file, text.replace(from, to));
}
