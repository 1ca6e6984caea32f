// The hot store of both kinds of stage. What its users may do on a real Redis: test/contract/adapters/redis-tenants.test.ts,
// with tenantUsers, which are the users below to the letter.

import { PACER_USER, tenantUsers } from "@steward/core";
import * as features from "@steward/features";
import { describe, expect, inject, it } from "vitest";
import { all, type Graph, one } from "./graph.ts";

const { dev, prod } = inject("graphs");
const STAGES = [dev, prod];
const CLUSTER = "aws:elasticache/replicationGroup:ReplicationGroup";
const USER = "aws:elasticache/user:User";
const GROUP = "aws:elasticache/userGroup:UserGroup";
const OWNERS = [...new Set(Object.values(features).map(({ owner }) => owner))];

const userOf = (graph: Graph, name: string) => one(graph, USER, `HotUser-${name}`);

describe("the hot store", () => {
  it("is Valkey in cluster mode, encrypted at rest with the stage's key and on the wire, and evicts nothing", () => {
    for (const graph of STAGES) {
      const clusters = all(graph, CLUSTER);
      expect(clusters.length).toBeGreaterThan(0);
      for (const { inputs } of clusters)
        expect(inputs).toMatchObject({
          engine: "valkey",
          clusterMode: "enabled",
          atRestEncryptionEnabled: true,
          transitEncryptionEnabled: true,
          transitEncryptionMode: "required",
          kmsKeyId: expect.stringMatching(/^arn:aws:kms:.*DataKey/),
        });
      const { inputs } = one(graph, "aws:elasticache/parameterGroup:ParameterGroup", "HotParameters");
      expect(inputs.parameters).toContainEqual({ name: "maxmemory-policy", value: "noeviction" });
    }
  });

  it("answers in prod after the write lies in several zones, and is not to be replaced", () => {
    for (const { inputs, options } of all(prod, CLUSTER)) {
      expect(inputs).toMatchObject({ durability: "sync", engineVersion: "9.0", multiAzEnabled: true });
      expect(inputs.replicasPerNodeGroup).toBeGreaterThan(0);
      expect(options).toMatchObject({ protect: true, retainOnDelete: true });
    }
  });

  it("is one small node in dev, that goes with the stage", () => {
    const [cluster, ...others] = all(dev, CLUSTER);

    expect(others).toEqual([]);
    expect(cluster?.inputs).toMatchObject({
      numNodeGroups: 1,
      replicasPerNodeGroup: 0,
      multiAzEnabled: false,
    });
    expect(cluster?.inputs).not.toHaveProperty("durability");
    expect(cluster?.options.protect ?? false).toBe(false);
  });

  it("lets in two users a tenant, with core's rules to the letter, by IAM alone", () => {
    for (const graph of STAGES) {
      const wanted = [...OWNERS.flatMap((owner) => Object.values(tenantUsers(owner))), PACER_USER];
      for (const { name, accessString } of wanted) {
        const { inputs } = userOf(graph, name);
        expect(inputs).toMatchObject({ accessString, authenticationMode: { type: "iam" } });
        // IAM lets in only whose id is its name; an id begins with a letter and is one of the account.
        expect(inputs.userId).toBe(`steward-${graph.stage}-${name}`);
        expect(inputs.userName).toBe(inputs.userId);
        expect(inputs).not.toHaveProperty("passwords");
      }
      expect(all(graph, USER)).toHaveLength(wanted.length + 1);
    }
  });

  it("shuts out the user that comes with ElastiCache, on every cluster", () => {
    for (const graph of STAGES) {
      const nobody = userOf(graph, "default");
      expect(nobody.inputs).toMatchObject({ userName: "default", accessString: "off -@all" });
      for (const cluster of all(graph, CLUSTER)) {
        const [id] = cluster.inputs.userGroupIds;
        const group = all(graph, GROUP).find(({ inputs }) => inputs.userGroupId === id);
        expect(group?.inputs.userIds).toContain(nobody.inputs.userId);
      }
    }
  });
});
