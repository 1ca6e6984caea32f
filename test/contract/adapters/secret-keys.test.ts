// Keys that come from Secrets Manager, on MiniStack, in the two adapters that use them as they are.

import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
} from "@aws-sdk/client-secrets-manager";
import { AesSealer, HmacPseudonymiser } from "@steward/adapters";
import { createSecretsClient, readSecretKey } from "@steward/adapters/aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AWS_OPTIONS, awsOptions, uniqueName } from "../../support/aws-resources.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { describePseudonymiser } from "../ports/pseudonymiser.ts";
import { describeSealer } from "../ports/sealer.ts";

interface Value {
  readonly SecretBinary?: Uint8Array;
  readonly SecretString?: string;
}

let ministack: MiniStack;
beforeAll(async () => {
  ministack = await startMiniStack();
}, 300_000);
afterAll(() => ministack.stop());

const aClient = () => createSecretsClient(awsOptions(ministack.url));
const read = (secret: string, versionId?: string) =>
  readSecretKey({ client: aClient(), secret, ...(versionId === undefined ? {} : { versionId }) });

/** Its name. */
async function createSecret(value: Value): Promise<string> {
  const Name = uniqueName("key");
  await aClient().send(new CreateSecretCommand({ Name, ...value }));
  return Name;
}

describePseudonymiser("HmacPseudonymiser by a binary secret", async (key) => {
  return new HmacPseudonymiser(await read(await createSecret({ SecretBinary: key })));
});
describeSealer("AesSealer by a secret of base64 text", async (key) => {
  const SecretString = Buffer.from(key).toString("base64");
  return new AesSealer(await read(await createSecret({ SecretString })));
});

describe("readSecretKey", () => {
  const bytes = Uint8Array.from({ length: 32 }, (_, index) => 200 + index);
  const text = Buffer.from(bytes).toString("base64");

  it("takes base64 text with a line end after it, as editors leave one", async () => {
    expect(await read(await createSecret({ SecretString: `${text}\n` }))).toEqual(bytes);
  });

  it.each([
    ["that is not there", "NotFoundError", undefined],
    ["that has no value yet", "NotFoundError", {}],
    ["that is empty", "NotFoundError", { SecretString: " " }],
    ["of 31 bytes", "InvalidInputError", { SecretBinary: bytes.subarray(1) }],
    ["of 33 bytes", "InvalidInputError", { SecretString: Buffer.from([...bytes, 1]).toString("base64") }],
    ["of text that is no base64", "InvalidInputError", { SecretString: `{"key":"${text}"}` }],
    ["of base64 for addresses", "InvalidInputError", { SecretString: text.replaceAll("/", "_") }],
  ] as const)("names a secret %s, and says nothing of its value", async (_, name, value) => {
    const secret = value === undefined ? "absent-secret" : await createSecret(value);

    const failure = await read(secret).catch((error: Error) => error);

    expect(failure).toMatchObject({ name, message: expect.stringContaining(`"${secret}"`) });
    expect(String(failure) + JSON.stringify(failure)).not.toContain(text.slice(0, 12));
  });

  it("knows the answer of AWS for a secret without a value, which MiniStack gives otherwise", async () => {
    const client = aClient();
    const message = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    client.middlewareStack.add(
      () => async () => {
        throw Object.assign(new Error(message), { name: "ResourceNotFoundException" });
      },
      { step: "initialize" },
    );

    await expect(readSecretKey({ client, secret: "empty" })).rejects.toMatchObject({
      name: "NotFoundError",
      message: expect.stringContaining('"empty" has no value yet'),
    });
  });

  it("names a secret that is marked for deletion", async () => {
    const secret = await createSecret({ SecretBinary: bytes });
    await aClient().send(new DeleteSecretCommand({ SecretId: secret }));

    await expect(read(secret)).rejects.toMatchObject({
      name: "NotFoundError",
      message: expect.stringContaining(`"${secret}" cannot be read: it is marked for deletion`),
    });
  });

  it("says that Secrets Manager does not answer", async () => {
    const client = createSecretsClient({ ...AWS_OPTIONS, endpoint: "http://127.0.0.1:9" });

    await expect(readSecretKey({ client, secret: "any" })).rejects.toMatchObject({
      name: "UnavailableError",
    });
  });

  it("keeps to the version that it is told, whatever was put since; without one it takes the newest", async () => {
    const Name = uniqueName("key");
    const first = await aClient().send(new CreateSecretCommand({ Name, SecretBinary: bytes }));
    const newer = bytes.map((byte) => 255 - byte);
    await aClient().send(new PutSecretValueCommand({ SecretId: Name, SecretBinary: newer }));

    expect(await read(Name, first.VersionId)).toEqual(bytes);
    expect(await read(Name)).toEqual(Uint8Array.from(newer));
  });
});
