// Opens what seals the identifiers of an erasure under way.

import { AesSealer } from "@steward/adapters";
import { createSecretsClient, readSecretKey } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";

export const open = once(async () => {
  const secret = variable("SEAL_SECRET");
  return new AesSealer(await readSecretKey({ client: createSecretsClient(), secret }));
});
