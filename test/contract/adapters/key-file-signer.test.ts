import { generateKeyPairSync } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { ensureSigningKeyFile, KeyFileSigner, publishKey } from "@steward/adapters";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeSigner } from "../ports/signer.ts";
import { raceChildren } from "../support/child.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

const folders = [makeTemporaryFolder(), makeTemporaryFolder()] as const;
afterAll(() => {
  for (const folder of folders) removeFolder(folder);
});

const signerOf = (folder: string) =>
  new KeyFileSigner(ensureSigningKeyFile({ folder, purpose: "certificate" }));

describeSigner(
  "KeyFileSigner",
  async () => signerOf(folders[0]),
  async () => signerOf(folders[1]),
);

describe("KeyFileSigner", () => {
  it.each([
    ["no key at all", "hello"],
    ["a public key", signerOf(folders[0]).publicKeyPem],
    ["a key of another curve", privatePem("secp384r1")],
  ])("refuses %s", (_, pem) => {
    expect(() => new KeyFileSigner(pem)).toThrow(expect.objectContaining({ name: "InvalidInputError" }));
  });

  it("shows its private key to no log", () => {
    const pem = ensureSigningKeyFile({ folder: folders[0], purpose: "certificate" });
    const secret = pem.split("\n")[1] ?? "";
    const signer = new KeyFileSigner(pem);

    expect(secret.length).toBeGreaterThan(40);
    expect(inspect(signer, { depth: 10, showHidden: true }) + JSON.stringify(signer)).not.toContain(secret);
  });
});

describe("ensureSigningKeyFile", () => {
  let folder: string;

  beforeEach(() => {
    folder = makeTemporaryFolder();
  });

  afterEach(() => {
    removeFolder(folder);
  });

  it("creates a key that its owner alone may read, and gives the same ever after", () => {
    const first = ensureSigningKeyFile({ folder, purpose: "certificate" });

    expect(ensureSigningKeyFile({ folder, purpose: "certificate" })).toBe(first);
    expect(first).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(statSync(join(folder, "certificate.pem")).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["certificate.pem"]);
  });

  it("refuses a key that others may read", () => {
    ensureSigningKeyFile({ folder, purpose: "certificate" });
    chmodSync(join(folder, "certificate.pem"), 0o640);

    expect(() => ensureSigningKeyFile({ folder, purpose: "certificate" })).toThrow(/chmod 600/);
  });

  it("gives all processes that create it at once the same key", async () => {
    const outputs = await raceChildren("signing-key-reader", Array(4).fill([folder]));

    expect(outputs).toHaveLength(4);
    expect(new Set(outputs.flat()).size).toBe(1);
  });
});

describe("publishKey", () => {
  it("lays the public key where anyone may read it, in place of another", () => {
    const file = join(folders[0], "public.pem");
    writeFileSync(file, "old");

    publishKey(file, "new");
    publishKey(file, "new");

    expect(readFileSync(file, "utf8")).toBe("new");
    expect(statSync(file).mode & 0o444).toBe(0o444);
    expect(readdirSync(folders[0]).filter((name) => name.startsWith("public"))).toEqual(["public.pem"]);
  });
});

function privatePem(namedCurve: string): string {
  return generateKeyPairSync("ec", { namedCurve }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }) as string;
}
