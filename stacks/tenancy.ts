// Decides what a tenant's own services may do, and what Steward does in its name: one policy each, on its user and its groups.
// Leaves the rule that fences pii over the whole organisation to pii-policy.ts.

import type { Hot } from "./hot.ts";
import { named } from "./names.ts";
import { type Online, throughFeatureStore } from "./online.ts";
import { groupsOf, OWNERS } from "./owners.ts";

export interface TenancyParts {
  readonly hot: Hot;
  readonly online: Online;
  readonly keyOf: (group: string) => aws.kms.Key;
}

export function createTenancy(parts: TenancyParts) {
  const tenants = new Map(OWNERS.map((owner) => [owner, createTenant(owner, parts)]));
  return {
    owners: OWNERS,
    /** `reader`: for the tenant's services. `writer`: for Steward's functions that write or erase the owner's hot values. */
    of(owner: string) {
      const found = tenants.get(owner);
      if (found === undefined) throw new Error(`no group in features/ has the owner "${owner}"`);
      return found;
    },
  };
}
export type Tenancy = ReturnType<typeof createTenancy>;

function createTenant(owner: string, { hot, online, keyOf }: TenancyParts) {
  const { reader, writer } = hot.users(owner);
  const cluster = hot.clusterOf(owner);
  const groups = groupsOf(owner);
  const connectAs = (user: aws.elasticache.User) => ({
    Effect: "Allow",
    Action: "elasticache:Connect",
    Resource: [cluster.arn, user.arn],
  });
  return {
    reader: new aws.iam.Policy(`Tenant-${owner}-Reader`, {
      // Named: whoever sets up the tenant's services attaches it by name.
      name: policyName(owner, "reader"),
      description: `Reads the features of ${owner}, hot and online, and nothing else`,
      policy: $jsonStringify({
        Version: "2012-10-17",
        Statement: [
          connectAs(reader),
          {
            Effect: "Allow",
            Action: ["sagemaker:BatchGetRecord", "sagemaker:GetRecord"],
            Resource: groups.map(({ name }) => online.group(name).arn),
          },
          {
            Effect: "Allow",
            Action: "kms:Decrypt",
            Resource: groups.map(({ name }) => keyOf(name).arn),
            Condition: throughFeatureStore(),
          },
        ],
      }),
      tags: { "steward:owner": owner },
    }),
    writer: new aws.iam.Policy(`Tenant-${owner}-Writer`, {
      name: policyName(owner, "writer"),
      description: `Steward's hot writes of ${owner}`,
      policy: $jsonStringify({ Version: "2012-10-17", Statement: [connectAs(writer)] }),
      tags: { "steward:owner": owner },
    }),
  };
}

function policyName(owner: string, part: "reader" | "writer"): string {
  return named(`tenant-${owner}-${part}`);
}
