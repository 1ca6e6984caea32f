// Decides how the account that a stage stands in is named: its number, its Region and its partition, asked once.

export function thisAccount() {
  const { accountId } = aws.getCallerIdentityOutput();
  const { region } = aws.getRegionOutput();
  const { partition } = aws.getPartitionOutput();
  /** `service:region:account:rest`, in full. */
  const arn = (service: string, rest: $util.Input<string>) =>
    $interpolate`arn:${partition}:${service}:${region}:${accountId}:${rest}`;
  return { accountId, region, partition, arn };
}
export type Account = ReturnType<typeof thisAccount>;

/** What every key policy begins with: the account's own IAM policies say who else may use the key, and nobody is locked out.
 * Source: KMS developer guide, "Default key policy", read 2026-11-25. */
export function ownAccount({ partition, accountId }: Account) {
  return {
    Sid: "AccountPolicies",
    Effect: "Allow",
    Principal: { AWS: $interpolate`arn:${partition}:iam::${accountId}:root` },
    Action: "kms:*",
    Resource: "*",
  } as const;
}

/** Lets one service take a role, as far as the condition says for whom it comes: nobody else's may be talked into it. */
export function assumedBy(
  service: string,
  Condition: Readonly<Record<string, Readonly<Record<string, $util.Input<string>>>>>,
) {
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole", Condition }],
  });
}

/** Denies all that does not come over TLS; nothing else. */
export function tlsOnly(action: string, resources: readonly $util.Input<string>[]) {
  return {
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: action,
    Resource: resources,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  } as const;
}
