// That tenants cannot name one another's, on the evaluated stages. That they cannot reach it on a real Redis, with these
// very users: test/contract/adapters/redis-tenants.test.ts.

import * as features from "@steward/features";
import { describe, expect, inject, it } from "vitest";
import { type Graph, one, statementsOf, toList } from "./graph.ts";
import { isAllowed } from "./policy-evaluation.ts";

const { dev, prod } = inject("graphs");
const STAGES = [dev, prod];
const GROUPS = Object.values(features);
const OWNERS = [...new Set(GROUPS.map(({ owner }) => owner))];
const PAIRS = OWNERS.flatMap((ours) =>
  OWNERS.filter((theirs) => theirs !== ours).map((theirs) => [ours, theirs] as const),
);
const CACHE = "arn:aws:elasticache:us-east-1:123456789012";

const policyOf = (graph: Graph, owner: string, part: "Reader" | "Writer") =>
  statementsOf(one(graph, "aws:iam/policy:Policy", `Tenant-${owner}-${part}`).inputs.policy);
const userArn = (graph: Graph, owner: string, part: "reader" | "writer") =>
  `${CACHE}:user:steward-${graph.stage}-${owner}-${part}`;
const groupsOf = (owner: string) => GROUPS.filter((group) => group.owner === owner);
const groupArn = (name: string) => `arn:aws:sagemaker:us-east-1:123456789012:feature-group/${name}`;
const keyOf = (graph: Graph, name: string) =>
  one(graph, "aws:sagemaker/featureGroup:FeatureGroup", `Group-${name}`).inputs.onlineStoreConfig
    .securityConfig.kmsKeyId as string;

describe("tenants", () => {
  it("are at least two here, or nothing below would be shown", () => {
    expect(PAIRS.length).toBeGreaterThanOrEqual(2);
  });

  it("read their groups, online and hot, and can do nothing else", () => {
    for (const graph of STAGES)
      for (const owner of OWNERS) {
        const statements = policyOf(graph, owner, "Reader");
        const actions = statements.flatMap(({ Action }) => toList(Action)).sort();
        expect(actions).toEqual([
          "elasticache:Connect",
          "kms:Decrypt",
          "sagemaker:BatchGetRecord",
          "sagemaker:GetRecord",
        ]);
        for (const { name } of groupsOf(owner))
          expect(isAllowed(statements, { action: "sagemaker:GetRecord", resource: groupArn(name) })).toBe(
            true,
          );
        const connect = { action: "elasticache:Connect" };
        expect(isAllowed(statements, { ...connect, resource: userArn(graph, owner, "reader") })).toBe(true);
        expect(isAllowed(statements, { ...connect, resource: userArn(graph, owner, "writer") })).toBe(false);
      }
  });

  it("have no policy that reaches another's groups, keys or users", () => {
    for (const graph of STAGES)
      for (const [ours, theirs] of PAIRS)
        for (const part of ["Reader", "Writer"] as const) {
          const statements = policyOf(graph, ours, part);
          const resources = [
            ...groupsOf(theirs).flatMap(({ name }) => [groupArn(name), keyOf(graph, name)]),
            userArn(graph, theirs, "reader"),
            userArn(graph, theirs, "writer"),
          ];
          const context = { "kms:ViaService": "sagemaker.us-east-1.amazonaws.com" };
          for (const resource of resources)
            for (const action of ["sagemaker:GetRecord", "kms:Decrypt", "elasticache:Connect"])
              expect(isAllowed(statements, { action, resource, context })).toBe(false);
          const named = statements.flatMap(({ Resource }) => toList(Resource));
          expect(named.filter((resource) => resource.includes("*") || resources.includes(resource))).toEqual(
            [],
          );
        }
  });

  it("have Redis users whose rules name their own keys alone", () => {
    for (const graph of STAGES)
      for (const owner of OWNERS)
        for (const part of ["reader", "writer"] as const) {
          const { inputs } = one(graph, "aws:elasticache/user:User", `HotUser-${owner}-${part}`);
          const patterns = String(inputs.accessString)
            .split(" ")
            .filter((rule) => /^[~%&]|^all(keys|channels)$/.test(rule));
          expect(patterns).toEqual([part === "reader" ? `%R~${owner}:f:*` : `~${owner}:*`]);
        }
  });

  it("say of their users whether they read about people, for the organisation's fence", () => {
    for (const graph of STAGES)
      for (const owner of OWNERS) {
        const isPii = groupsOf(owner).some(({ pii }) => pii);
        const { inputs } = one(graph, "aws:elasticache/user:User", `HotUser-${owner}-reader`);
        expect(inputs.tags).toEqual({ "steward:owner": owner, "steward:pii": String(isPii) });
      }
  });
});
