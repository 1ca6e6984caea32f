// Opens what names people, by the key that no other may replace.

import { HmacPseudonymiser } from "@steward/adapters";
import { createSecretsClient, readSecretKey } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";

export const open = once(async () => {
  const secret = variable("SUPPRESSION_SECRET");
  return new HmacPseudonymiser(await readSecretKey({ client: createSecretsClient(), secret }));
});
