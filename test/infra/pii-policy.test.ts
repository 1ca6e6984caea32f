// The service control policy of docs/controls/pii-scp.json: no organisation is here to attach it to, so what it says to a
// request is worked out by policy-evaluation.ts.

import { describe, expect, inject, it } from "vitest";
import { PII_POLICY_DEFAULTS, piiPolicy } from "../../stacks/pii-policy.ts";
import { all, type Graph, type GraphResource, roleStatements, statementsOf, toList } from "./graph.ts";
import { isDenied, type PolicyRequest } from "./policy-evaluation.ts";

const DOCUMENT = piiPolicy(PII_POLICY_DEFAULTS);
const CLEARED = { "aws:PrincipalTag/steward:pii": "cleared" };
const ABOUT_PEOPLE = { "aws:ResourceTag/steward:pii": "true" };
const GROUP = "arn:aws:sagemaker:us-east-1:123456789012:feature-group/customer-purchases";
const DEPLOYER = { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/steward-deploy" };
const SOMEBODY = { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/analyst" };

const says = (action: string, resource: string, context: PolicyRequest["context"] = {}) =>
  isDenied(statementsOf(DOCUMENT), { action, resource, context }) ? "denied" : "left to others";

const RECORD_ACTIONS = /^(?:sagemaker:\w+Records?|elasticache:Connect)$/;
const isAboutRecords = (graph: Graph, role: GraphResource) =>
  roleStatements(graph, role)
    .filter(({ Resource }) => !toList(Resource).every((name) => /replicationgroup|steward-pacer$/.test(name)))
    .flatMap(({ Action }) => toList(Action))
    .some((action) => RECORD_ACTIONS.test(action));

describe("piiPolicy", () => {
  it("lets through the functions of a stage that work with records, and no other", () => {
    for (const graph of Object.values(inject("graphs"))) {
      const roles = all(graph, "aws:iam/role:Role");
      const cleared = roles.filter(({ inputs }) => inputs.tags?.["steward:pii"] === "cleared");

      expect(cleared.length).toBeGreaterThan(10);
      expect(cleared).toEqual(roles.filter((role) => isAboutRecords(graph, role)));
      for (const { inputs } of all(graph, "aws:sagemaker/featureGroup:FeatureGroup"))
        expect(["true", "false"]).toContain(inputs.tags["steward:pii"]);
    }
  });

  it("is what the docs hold, within the 5,120 characters of a service control policy", async () => {
    const text = `${JSON.stringify(DOCUMENT, null, 2)}\n`;

    await expect(text).toMatchFileSnapshot("../../docs/controls/pii-scp.json");
    expect(text.length).toBeLessThan(5_120);
  });

  it("keeps records and hot users that are about people from whoever is not cleared", () => {
    for (const action of ["sagemaker:GetRecord", "sagemaker:BatchGetRecord", "sagemaker:ListRecords"]) {
      expect(says(action, GROUP, ABOUT_PEOPLE)).toBe("denied");
      expect(says(action, GROUP, { ...ABOUT_PEOPLE, "aws:PrincipalTag/steward:pii": "no" })).toBe("denied");
      expect(says(action, GROUP, { ...ABOUT_PEOPLE, ...CLEARED })).toBe("left to others");
    }
    const user = "arn:aws:elasticache:us-east-1:123456789012:user:steward-prod-growth-reader";
    expect(says("elasticache:Connect", user, ABOUT_PEOPLE)).toBe("denied");
    expect(says("elasticache:Connect", user, { ...ABOUT_PEOPLE, ...CLEARED })).toBe("left to others");
  });

  it("leaves what is not about people to everyone's own policies", () => {
    expect(says("sagemaker:GetRecord", GROUP, { "aws:ResourceTag/steward:pii": "false" })).toBe(
      "left to others",
    );
    expect(says("kinesis:PutRecord", "arn:aws:kinesis:us-east-1:123456789012:stream/any")).toBe(
      "left to others",
    );
  });

  it("lets the cleared write where the tag is, or to what is exempt, and nowhere else", () => {
    const stream = "arn:aws:kinesis:us-east-1:123456789012:stream/exports";
    for (const [action, resource] of [
      ["kinesis:PutRecord", stream],
      ["kinesis:PutRecords", stream],
      ["s3:PutObject", "arn:aws:s3:::anywhere/export.csv"],
    ] as const) {
      expect(says(action, resource, CLEARED)).toBe("denied");
      expect(says(action, resource, { ...CLEARED, ...ABOUT_PEOPLE })).toBe("left to others");
    }
    expect(says("s3:PutObject", "arn:aws:s3:::steward-prod-data/offline/a", CLEARED)).toBe("left to others");
  });

  it("lets the deployer alone set the tag or take it away, on sessions and new roles too", () => {
    const ours = { "aws:TagKeys": ["steward:owner", "steward:pii"] };
    for (const action of ["sagemaker:DeleteTags", "iam:TagRole", "iam:CreateRole", "sts:TagSession"]) {
      expect(says(action, "*", { ...ours, ...SOMEBODY })).toBe("denied");
      expect(says(action, "*", { ...ours, ...DEPLOYER })).toBe("left to others");
      expect(says(action, "*", { "aws:TagKeys": ["team"], ...SOMEBODY })).toBe("left to others");
      expect(says(action, "*", SOMEBODY)).toBe("left to others");
    }
  });

  it("lets nobody else tag a stream at all, or make a bucket's tags count", () => {
    for (const action of ["kinesis:AddTagsToStream", "kinesis:UntagResource", "s3:PutBucketAbac"]) {
      expect(says(action, "*", SOMEBODY)).toBe("denied");
      expect(says(action, "*", DEPLOYER)).toBe("left to others");
    }
  });

  it("refuses a feature group that does not say whether it is about people", () => {
    const create = (context: PolicyRequest["context"]) =>
      says("sagemaker:CreateFeatureGroup", GROUP, context);

    expect(create({})).toBe("denied");
    expect(create({ "aws:RequestTag/steward:pii": "perhaps" })).toBe("denied");
    expect(create({ "aws:RequestTag/steward:pii": "false" })).toBe("left to others");
  });
});
