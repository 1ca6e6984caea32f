import { CHUNK_WORKER } from "@steward/workflows/inventory.ts";
import { describe, expect, inject, it } from "vitest";
import { all, one } from "./graph.ts";

const { dev, prod } = inject("graphs");
const STAGES = [dev, prod];

describe("buckets", () => {
  const rulesOf = (graph: typeof prod, name: string) =>
    one(graph, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", `Lifecycle-${name}`).inputs
      .rules;

  it("move the offline store to Glacier Instant Retrieval at 90 days, and nothing else of the data", () => {
    for (const graph of STAGES) {
      const moves = rulesOf(graph, "data").filter(
        ({ transitions }: { readonly transitions?: readonly object[] }) => transitions !== undefined,
      );
      expect(moves).toEqual([
        expect.objectContaining({
          filter: { prefix: "offline/" },
          transitions: [{ days: 90, storageClass: "GLACIER_IR" }],
        }),
      ]);
    }
  });

  it("never expire what is current of the data or the evidence, and always what is staged or brought in", () => {
    const expires = (graph: typeof prod, name: string) =>
      rulesOf(graph, name).some(
        ({ expiration }: { readonly expiration?: object }) => expiration !== undefined,
      );
    for (const graph of STAGES)
      expect(["data", "evidence", "staging", "incoming"].map((name) => expires(graph, name))).toEqual([
        false,
        false,
        true,
        true,
      ]);
  });

  it("lock the evidence alone: for years in prod, for a day where a stage must be removable", () => {
    const locksOf = (graph: typeof prod) =>
      all(graph, "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
        .filter(({ name }) => name !== "AuditLock")
        .map(({ name, inputs }) => [name, inputs.rule.defaultRetention]);
    expect(locksOf(prod)).toEqual([["Lock-evidence", { mode: "COMPLIANCE", days: 1_825 }]]);
    expect(locksOf(dev)).toEqual([["Lock-evidence", { mode: "GOVERNANCE", days: 1 }]]);
  });

  it("are kept and protected in prod, and emptied and removed with any other stage", () => {
    const own = (graph: typeof prod) =>
      all(graph, "aws:s3/bucket:Bucket").filter(({ name }) => name.startsWith("Bucket-"));
    for (const { inputs, options } of own(prod)) {
      expect(inputs.forceDestroy).toBe(false);
      expect(options).toMatchObject({ protect: true, retainOnDelete: true });
    }
    for (const { inputs } of own(dev)) expect(inputs.forceDestroy).toBe(true);
  });
});

describe("the queue of chunks", () => {
  it("hides a chunk for six times the life of its worker, and lets go of it after core's own number of receipts", () => {
    for (const graph of STAGES) {
      const { inputs } = one(graph, "aws:sqs/queue:Queue", "Queue-chunks");
      const { inputs: letters } = one(graph, "aws:sqs/queue:Queue", "Queue-chunk-dead-letters");
      expect(inputs.visibilityTimeoutSeconds).toBe(6 * (60 + CHUNK_WORKER.graceSeconds));
      expect(JSON.parse(inputs.redrivePolicy)).toEqual({
        deadLetterTargetArn: expect.stringContaining(letters.name),
        maxReceiveCount: 3,
      });
    }
  });
});

describe("the network", () => {
  it("has no way to the internet, and endpoints that open to this account alone", () => {
    for (const graph of STAGES) {
      for (const type of [
        "natGateway:NatGateway",
        "internetGateway:InternetGateway",
        "route:Route",
        "eip:Eip",
      ])
        expect(all(graph, `aws:ec2/${type}`)).toEqual([]);
      for (const { inputs } of all(graph, "aws:ec2/vpcEndpoint:VpcEndpoint"))
        expect(JSON.parse(inputs.policy).Statement).toEqual([
          expect.objectContaining({
            Condition: {
              StringEquals: {
                "aws:PrincipalAccount": "123456789012",
                "aws:ResourceAccount": "123456789012",
              },
            },
          }),
        ]);
    }
  });

  it("lets functions reach the hot store and the endpoints, and lets nobody else in", () => {
    for (const graph of STAGES) {
      const ingress = all(graph, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
      expect(ingress.map(({ inputs }) => [inputs.fromPort, inputs.cidrIpv4]).toSorted()).toEqual([
        [443, undefined],
        [6379, undefined],
      ]);
      const group = one(graph, "aws:ec2/securityGroup:SecurityGroup", "FunctionGroup");
      for (const { inputs } of ingress) expect(inputs.referencedSecurityGroupId).toContain(group.name);
    }
  });
});
