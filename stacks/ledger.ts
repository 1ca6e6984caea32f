// Decides how the ledger stands in DynamoDB. Leaves what its items mean to core/ledger.

import { LEDGER, named } from "./names.ts";

export function createLedger(isProd: boolean, key: aws.kms.Key) {
  const table = new aws.dynamodb.Table(
    "Ledger",
    {
      name: named(LEDGER),
      billingMode: "PAY_PER_REQUEST",
      hashKey: "partition",
      rangeKey: "sort",
      attributes: [
        { name: "partition", type: "S" },
        { name: "sort", type: "S" },
      ],
      serverSideEncryption: { enabled: true, kmsKeyArn: key.arn },
      pointInTimeRecovery: { enabled: true },
      // No item carries it yet; suppressions never will.
      ttl: { enabled: true, attributeName: "expiresAtS" },
      deletionProtectionEnabled: isProd,
    },
    { protect: isProd, retainOnDelete: isProd },
  );
  return { table };
}
export type StageLedger = ReturnType<typeof createLedger>;
