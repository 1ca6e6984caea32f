import { alarmsOf } from "@steward/core";
import * as features from "@steward/features";
import { describe, expect, inject, it } from "vitest";
import { all, one } from "./graph.ts";

const graphs = Object.values(inject("graphs"));
const RULE = "aws:cloudwatch/eventRule:EventRule";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";

describe.each(graphs)("the remediation rule of $stage", (graph) => {
  const rule = one(graph, RULE, "RemediationRule");
  const pattern = JSON.parse(rule.inputs.eventPattern);

  it("takes every alarm that a laptop attends to, when it goes on, and no alarm of another stage", () => {
    const prefixes = pattern.detail.alarmName.map(({ prefix }: { prefix: string }) => prefix);
    const takes = (name: string) => prefixes.some((prefix: string) => name.startsWith(prefix));

    expect(pattern).toMatchObject({
      source: ["aws.cloudwatch"],
      "detail-type": ["CloudWatch Alarm State Change"],
      detail: { state: { value: ["ALARM"] } },
    });
    for (const { name } of alarmsOf(Object.values(features), { checkPeriodMs: 60_000 })) {
      expect(takes(`steward-${graph.stage}-${name}`), name).toBe(true);
      expect(takes(`steward-other-${name}`)).toBe(false);
    }
    expect(takes(`steward-${graph.stage}-ledger-throttles`)).toBe(false);
    expect(rule.inputs.eventPattern.length).toBeLessThanOrEqual(2_048);
  });

  it("calls the function that attends to alarms, and that function lets no other rule call it", () => {
    const target = one(graph, TARGET, "RemediationTarget");
    const permission = one(graph, "aws:lambda/permission:Permission", "RemediationPermission");

    expect(target.inputs.arn).toMatch(/:function:steward-\w+-upkeep-attend-alarms$/);
    expect(permission.inputs).toMatchObject({
      action: "lambda:InvokeFunction",
      principal: "events.amazonaws.com",
      sourceArn: `arn:aws:events:us-east-1:123456789012:rule/steward-${graph.stage}-remediation`,
      sourceAccount: "123456789012",
    });
    expect(String(target.inputs.arn).endsWith(`:${permission.inputs.function}`)).toBe(true);
  });

  it("as every rule tries again for a stated time, and leaves what it could not deliver in a queue that takes it", () => {
    const targets = all(graph, TARGET);

    expect(targets.length).toBeGreaterThan(1);
    for (const { inputs } of targets) {
      expect(inputs.retryPolicy.maximumRetryAttempts).toBeGreaterThan(0);
      expect(inputs.retryPolicy.maximumEventAgeInSeconds).toBeGreaterThanOrEqual(60);
      const queue = all(graph, "aws:sqs/queue:Queue").find(({ inputs: { name } }) =>
        inputs.deadLetterConfig.arn.endsWith(`:${name}`),
      );
      expect(queue?.inputs.sqsManagedSseEnabled).toBe(true);
      const policy = all(graph, "aws:sqs/queuePolicy:QueuePolicy").find(
        ({ inputs: each }) => each.queueUrl === queue?.id,
      );
      expect(JSON.parse(policy?.inputs.policy).Statement).toContainEqual({
        Sid: "RulesLeaveLetters",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: inputs.deadLetterConfig.arn,
        Condition: {
          ArnLike: { "aws:SourceArn": `arn:aws:events:us-east-1:123456789012:rule/steward-${graph.stage}-*` },
        },
      });
    }
  });
});
