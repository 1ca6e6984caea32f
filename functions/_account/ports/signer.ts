// Opens what signs certificates.

import { createKmsClient, KmsSigner } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";

export const open = once(async () =>
  KmsSigner.open({ client: createKmsClient(), key: variable("SIGNING_KEY") }),
);
