// Decides under which keys a stage encrypts and signs. A lost key is lost data: each waits 30 days before it goes.

import { named } from "./names.ts";
import { GROUPS } from "./owners.ts";

export function createKeys(isProd: boolean) {
  const options = { protect: isProd, retainOnDelete: isProd };
  const create = (name: string, label: string, args: aws.kms.KeyArgs): aws.kms.Key => {
    const key = new aws.kms.Key(name, { ...args, deletionWindowInDays: 30 }, options);
    new aws.kms.Alias(`${name}Alias`, { name: `alias/${named(label)}`, targetKeyId: key.keyId });
    return key;
  };
  const encrypting = (name: string, label: string, what: string): aws.kms.Key =>
    create(name, label, { description: `${$app.name}/${$app.stage} ${what}`, enableKeyRotation: true });
  const groups = new Map(
    GROUPS.map(({ name }) => [
      name,
      encrypting(`GroupKey-${name}`, `group-${name}`, `feature group ${name}`),
    ]),
  );
  return {
    /** Buckets, ledger, streams, queue, hot store, secrets. */
    data: encrypting("DataKey", "data", "data"),
    /** What outlives the data: evidence, certificates, the requests that were made. */
    evidence: encrypting("EvidenceKey", "evidence", "evidence"),
    /** Certificates. Its public half verifies them when the stage is gone: it does not rotate (KMS rotates symmetric keys alone). */
    signing: create("SigningKey", "signing", {
      description: `${$app.name}/${$app.stage} erasure certificates`,
      keyUsage: "SIGN_VERIFY",
      customerMasterKeySpec: "ECC_NIST_P256",
    }),
    /** @throws Error for a group that features/ does not declare. */
    group(name: string): aws.kms.Key {
      const key = groups.get(name);
      if (key === undefined) throw new Error(`no feature group "${name}" in features/`);
      return key;
    },
  };
}
export type Keys = ReturnType<typeof createKeys>;
