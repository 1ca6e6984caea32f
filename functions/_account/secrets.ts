// Opens what works with keys: names of people, seals of identifiers, signatures of certificates.

import { AesSealer, HmacPseudonymiser } from "@steward/adapters";
import { createKmsClient, createSecretsClient, KmsSigner, readSecretKey } from "@steward/adapters/aws";
import { variable } from "./environment.ts";
import { once } from "./once.ts";

export const openPseudonymiser = once(async () => {
  const secret = variable("SUPPRESSION_SECRET");
  return new HmacPseudonymiser(await readSecretKey({ client: createSecretsClient(), secret }));
});

export const openSealer = once(async () => {
  const secret = variable("SEAL_SECRET");
  return new AesSealer(await readSecretKey({ client: createSecretsClient(), secret }));
});

export const openSigner = once(async () =>
  KmsSigner.open({ client: createKmsClient(), key: variable("SIGNING_KEY") }),
);
