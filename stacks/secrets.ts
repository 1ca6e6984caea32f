// Decides which secrets a stage has. They come empty: a value that the deployment made would lie in its state, so a person puts
// 32 random bytes in each, once (docs/deploy.md).

import { named } from "./names.ts";

export function createSecrets(isProd: boolean, key: aws.kms.Key) {
  const create = (name: string, description: string) =>
    new aws.secretsmanager.Secret(
      `Secret-${name}`,
      { name: named(name), description, kmsKeyId: key.arn, recoveryWindowInDays: isProd ? 30 : 7 },
      { protect: isProd, retainOnDelete: isProd },
    );
  return {
    suppression: create(
      "suppression",
      "Names people to suppressions; another value would forget who was erased",
    ),
    seal: create("seal", "Opens the identifiers of erasures under way"),
  };
}
export type Secrets = ReturnType<typeof createSecrets>;
