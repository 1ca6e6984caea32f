// `steward certificate verify` as a stranger runs it: the files alone, no state folder, each end with its line and code.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { aSignedCertificate, aSigner } from "../support/certificates.ts";
import { runSteward } from "../support/steward-command.ts";

let folder: string;
let file: string;
let key: string;
let evidence: string;
let keyId: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-certificate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const signed = await aSignedCertificate();
  file = join(folder, "certificate.json");
  key = join(folder, "public.pem");
  writeFileSync(file, signed.file);
  writeFileSync(key, signed.publicKeyPem);
  evidence = dirname(await signed.objects.locate("evidence/000000001.json"));
  keyId = signed.certificate.signature.keyId;
});

const verify = (...args: string[]) =>
  runSteward(["certificate", "verify", ...args], { state: join(folder, "state") });

describe("steward certificate verify", () => {
  it("ends with 0 for what was signed, and says whom and until when", async () => {
    const { code, stdout, stderr } = await verify(file, "--key", key);

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(
      "Valid: erasure request-1 of 2 subjects (customer), certified 1998-07-24T00:00:00.000Z.\n" +
        `Nothing of them dated up to 1998-07-24T00:00:00.001Z is written again. Signed by key ${keyId}.\n`,
    );
    expect(existsSync(join(folder, "state"))).toBe(false);
  });

  it("checks the evidence too, and tells all of it as JSON", async () => {
    const { code, stdout } = await verify(file, "--key", key, "--chain", evidence, "--json");

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      valid: true,
      requestId: "request-1",
      entity: "customer",
      subjectCount: 2,
      suppressedUntil: "1998-07-24T00:00:00.001Z",
      certifiedAt: "1998-07-24T00:00:00.000Z",
      keyId,
      chainNumber: 2,
      chainEntries: 2,
    });
  });

  it.each([
    ["in the middle", 0.5],
    ["at the beginning", 0],
    ["at the end", 1],
  ])("ends with 1 when one bit was changed %s", async (_, place) => {
    const bytes = readFileSync(file);
    const at = Math.floor((bytes.length - 1) * place);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);

    const { code, stdout, stderr } = await verify(file, "--key", key);

    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(/^Not valid: the file was changed: .*\.\n$/);
  });

  it("ends with 1 for another key, in a line of its own", async () => {
    writeFileSync(key, aSigner().publicKeyPem);

    const { code, stdout } = await verify(file, "--key", key);

    expect(code).toBe(1);
    expect(stdout).toBe("Not valid: it was signed by another key than this.\n");
  });

  it("ends with 1 when the evidence lacks an entry", async () => {
    const copy = mkdtempSync(join(folder, "evidence-"));

    const { code, stdout } = await verify(file, "--key", key, "--chain", copy, "--json");

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      valid: false,
      reason: "the evidence ends at entry 0, and the certificate is entry 2",
    });
  });

  it.each<[string, () => readonly string[], RegExp]>([
    [
      "what is no JSON",
      () => {
        writeFileSync(file, "hello\n");
        return [file, "--key", key];
      },
      /the file is not a certificate of an erasure: nothing was checked/,
    ],
    [
      "a key that is none",
      () => {
        writeFileSync(key, "hello\n");
        return [file, "--key", key];
      },
      /the key is no public key of the curve P-256 in PEM: nothing was checked/,
    ],
    [
      "a file that is not there",
      () => [join(folder, "none"), "--key", key],
      /certificate .*none cannot be read/,
    ],
    ["a key that is not there", () => [file, "--key", join(folder, "none")], /the key .*none cannot be read/],
    ["a chain that is no folder", () => [file, "--key", key, "--chain", key], /--chain .* is no folder/],
    ["no key", () => [file], /required option '--key <file>' not specified; see `steward certificate verify/],
  ])("ends with 2 for %s", async (_, makeArguments, line) => {
    const { code, stdout, stderr } = await verify(...makeArguments());

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd()).not.toContain("\n");
  });

  it("agrees with openssl, run as the guide says", () => {
    const commands = [
      `sed 's/"signature":{[^}]*},//' certificate.json | tr -d '\\n' > signed.json`,
      `sed 's/.*"value":"\\([^"]*\\)".*/\\1/' certificate.json | base64 -d > signature.der`,
      "openssl dgst -sha256 -verify public.pem -signature signature.der signed.json",
    ];

    const valid = spawnSync("sh", ["-ec", commands.join("\n")], { cwd: folder, encoding: "utf8" });
    writeFileSync(key, aSigner().publicKeyPem);
    const other = spawnSync("sh", ["-ec", commands.join("\n")], { cwd: folder, encoding: "utf8" });

    expect(valid).toMatchObject({ status: 0, stdout: "Verified OK\n" });
    expect(other.status).toBe(1);
  });
});
