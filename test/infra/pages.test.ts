import { describe, expect, inject, it } from "vitest";
import { all, one, type Statement, statementsOf, toList } from "./graph.ts";

const graphs = Object.values(inject("graphs"));
const TOPIC = "aws:sns/topic:Topic";

/** Services that a statement lets in. */
const services = ({ Principal }: Statement) =>
  toList((Principal as { Service?: string | readonly string[] } | undefined)?.Service);

describe.each(graphs)("pages of $stage", (graph) => {
  const { outputs: _, ...key } = one(graph, "aws:kms/key:Key", "PagesKey");

  it("lie under a key that every service that sends them may use, as each topic's policy lets it publish", () => {
    const usable = statementsOf(key.inputs.policy)
      .filter(({ Action }) => toList(Action).includes("kms:GenerateDataKey*"))
      .flatMap(services);

    expect(all(graph, TOPIC)).toHaveLength(2);
    for (const topic of all(graph, TOPIC)) {
      const policy = all(graph, "aws:sns/topicPolicy:TopicPolicy").find(({ inputs }) =>
        inputs.arn.endsWith(`:${topic.inputs.name}`),
      );
      const publishers = statementsOf(policy?.inputs.policy)
        .filter(({ Effect, Action }) => Effect === "Allow" && Action === "sns:Publish")
        .flatMap(services);
      expect(topic.inputs.kmsMasterKeyId).toMatch(/:key\/key-PagesKey$/);
      expect(publishers.toSorted()).toEqual([
        "budgets.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
      ]);
      expect(usable.toSorted()).toEqual(publishers.toSorted());
    }
  });

  it("are taken from services on this account's behalf alone, and from nobody without TLS", () => {
    for (const { inputs } of all(graph, "aws:sns/topicPolicy:TopicPolicy")) {
      const statements = statementsOf(inputs.policy);
      const allowed = statements.filter(({ Effect }) => Effect === "Allow");
      expect(statements).toContainEqual({
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "sns:Publish",
        Resource: [inputs.arn],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
      for (const statement of allowed) {
        expect(services(statement).length).toBeGreaterThan(0);
        // EventBridge sends no account that a topic's policy could compare.
        if (services(statement).includes("events.amazonaws.com")) continue;
        expect(statement.Condition).toEqual({ StringEquals: { "aws:SourceAccount": "123456789012" } });
      }
    }
  });
});

describe.each(graphs)("the budget of $stage", (graph) => {
  const { inputs } = one(graph, "aws:budgets/budget:Budget", "MonthlyBudget");

  it("is a month's cost in dollars, told before it is spent, and as a page once it is", () => {
    const told = inputs.notifications.map(
      (each: { notificationType: string; threshold: number; subscriberSnsTopicArns: string[] }) =>
        [each.notificationType, each.threshold, each.subscriberSnsTopicArns[0]?.split("-").at(-1)] as const,
    );

    expect(inputs).toMatchObject({ budgetType: "COST", timeUnit: "MONTHLY", limitUnit: "USD" });
    expect(Number(inputs.limitAmount)).toBeGreaterThan(0);
    expect(told).toEqual([
      ["ACTUAL", 80, "notices"],
      ["FORECASTED", 100, "notices"],
      ["ACTUAL", 100, "pages"],
    ]);
  });
});
