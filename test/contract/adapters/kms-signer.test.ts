// Certificates signed by a key of KMS, on MiniStack, and checked as anyone would check them.

import { CreateKeyCommand, DisableKeyCommand, type KeySpec } from "@aws-sdk/client-kms";
import { createKmsClient, KmsSigner } from "@steward/adapters/aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyCertificate } from "../../../packages/cli/src/certificate/verify-certificate.ts";
import { AWS_OPTIONS, awsOptions } from "../../support/aws-resources.ts";
import { aSignedCertificate } from "../../support/certificates.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { describeSigner } from "../ports/signer.ts";

let ministack: MiniStack;
let keys: readonly string[];

beforeAll(async () => {
  ministack = await startMiniStack();
  keys = [await createKey("ECC_NIST_P256"), await createKey("ECC_NIST_P256")];
}, 300_000);
afterAll(() => ministack.stop());

const aClient = () => createKmsClient(awsOptions(ministack.url));
const open = (key = "") => KmsSigner.open({ client: aClient(), key });

async function createKey(KeySpec: KeySpec): Promise<string> {
  const { KeyMetadata } = await aClient().send(new CreateKeyCommand({ KeySpec, KeyUsage: "SIGN_VERIFY" }));
  return KeyMetadata?.KeyId ?? "";
}

describeSigner(
  "KmsSigner",
  () => open(keys[0]),
  () => open(keys[1]),
);

describe("KmsSigner", () => {
  it("signs certificates that the offline verifier takes, with its own key and no other", async () => {
    const { file, publicKeyPem } = await aSignedCertificate(await open(keys[0]));
    const other = await open(keys[1]);

    expect(verifyCertificate(file, publicKeyPem).kind).toBe("valid");
    expect(verifyCertificate(file, other.publicKeyPem).kind).toBe("invalid");
  });

  it("sends a digest by the key's ARN, and asks for the public key once", async () => {
    const client = aClient();
    const sent: { readonly command: string; readonly input: object }[] = [];
    client.middlewareStack.add(
      (next, context) => (args) => {
        sent.push({ command: context.commandName ?? "", input: args.input });
        return next(args);
      },
      { step: "initialize" },
    );
    const signer = await KmsSigner.open({ client, key: keys[0] ?? "" });

    for (const length of [0, 10_000]) await signer.sign(new Uint8Array(length));

    expect(sent.map(({ command }) => command)).toEqual(["GetPublicKeyCommand", "SignCommand", "SignCommand"]);
    expect(sent[2]?.input).toMatchObject({
      KeyId: `arn:aws:kms:us-east-1:123456789012:key/${keys[0]}`,
      MessageType: "DIGEST",
      SigningAlgorithm: "ECDSA_SHA_256",
      Message: expect.objectContaining({ length: 32 }),
    });
  });

  it("refuses a key of another curve, and one that cannot sign", async () => {
    const { KeyMetadata } = await aClient().send(new CreateKeyCommand({}));

    await expect(open(await createKey("ECC_NIST_P384"))).rejects.toMatchObject({ name: "InvalidInputError" });
    await expect(open(KeyMetadata?.KeyId)).rejects.toMatchObject({ name: "InvalidInputError" });
  });

  it("says that there is no such key, that one is off, and that KMS does not answer", async () => {
    const off = await createKey("ECC_NIST_P256");
    const signerOff = await open(off);
    await aClient().send(new DisableKeyCommand({ KeyId: off }));
    const nowhere = createKmsClient({ ...AWS_OPTIONS, endpoint: "http://127.0.0.1:9" });

    await expect(open("11111111-2222-3333-4444-555555555555")).rejects.toMatchObject({
      name: "NotFoundError",
    });
    await expect(signerOff.sign(new Uint8Array(1))).rejects.toMatchObject({ name: "DisabledException" });
    await expect(KmsSigner.open({ client: nowhere, key: keys[0] ?? "" })).rejects.toMatchObject({
      name: "UnavailableError",
    });
  });
});
