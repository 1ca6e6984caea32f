// Pages through SNS, on MiniStack, read back where they arrive: a queue that listens to the topic.

import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { createSnsClient, createSqsClient, SnsPager, toSubject } from "@steward/adapters/aws";
import type { Page } from "@steward/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AWS_OPTIONS, awsOptions, uniqueName } from "../../support/aws-resources.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { aPage, describePager, type PagerHarness } from "../ports/pager.ts";

/** What SNS puts into a queue. */
interface Notification {
  readonly Subject: string;
  readonly Message: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly Value: string }>>;
}

interface Harness extends PagerHarness {
  readonly topicArn: string;
  notifications(): Promise<readonly Notification[]>;
}

let ministack: MiniStack;
beforeAll(async () => {
  ministack = await startMiniStack();
}, 300_000);
afterAll(() => ministack.stop());

const aClient = () => createSnsClient(awsOptions(ministack.url));

async function aTopic(): Promise<Harness> {
  const client = aClient();
  const sqs = createSqsClient(awsOptions(ministack.url));
  const { TopicArn: topicArn = "" } = await client.send(
    new CreateTopicCommand({ Name: uniqueName("pages") }),
  );
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: uniqueName("pages") }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  await client.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: Attributes?.QueueArn }),
  );
  const notifications = async () => {
    const found: Notification[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return found;
      for (const { Body, ReceiptHandle } of Messages) {
        found.push(JSON.parse(Body ?? ""));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  };
  return {
    pager: new SnsPager({ client, topicArn }),
    topicArn,
    notifications,
    received: async () => (await notifications()).map(({ Message }): Page => JSON.parse(Message)),
  };
}

describePager("SnsPager", aTopic);

describe("SnsPager", () => {
  it("names page and group beside the words, for filters and for whoever drops a second copy", async () => {
    const { pager, notifications } = await aTopic();

    await pager.page(aPage());
    await pager.page(aPage({ pageId: "i2 checker-broken page", group: null }));

    expect((await notifications()).map((each) => each.MessageAttributes)).toEqual([
      {
        pageId: { Type: "String", Value: "i1 source-silent page" },
        group: { Type: "String", Value: "customer-orders" },
      },
      { pageId: { Type: "String", Value: "i2 checker-broken page" } },
    ]);
  });

  it("gives people words with the runbook, and machines the page itself", async () => {
    const client = aClient();
    const { topicArn } = await aTopic();
    const sent: unknown[] = [];
    client.middlewareStack.add(
      (next) => (args) => {
        sent.push(args.input);
        return next(args);
      },
      { step: "initialize" },
    );

    await new SnsPager({ client, topicArn }).page(aPage());

    const { Message, MessageStructure } = sent[0] as { Message: string; MessageStructure: string };
    const byProtocol: Record<string, string> = JSON.parse(Message);
    expect(MessageStructure).toBe("json");
    expect(byProtocol.default).toBe(
      "group customer-orders (owner growth): the source is silent\n\nWhat: nothing came.\nTo do: ask.\n\nRunbook: docs/runbooks/freshness.md\nIncident: i1\nPage: i1 source-silent page\n",
    );
    expect(JSON.parse(byProtocol.https ?? "")).toEqual(aPage());
  });

  it("sends a page once for as long as it lives, and again after an attempt that failed", async () => {
    const { topicArn, notifications } = await aTopic();
    const client = aClient();
    const pager = new SnsPager({ client, topicArn });
    let fails = true;
    client.middlewareStack.add(
      (next) => async (args) => {
        if (fails) throw Object.assign(new Error("slow down"), { name: "ThrottledException" });
        return next(args);
      },
      { step: "initialize" },
    );

    await expect(pager.page(aPage())).rejects.toMatchObject({ name: "UnavailableError" });
    fails = false;
    await pager.page(aPage());
    await pager.page(aPage({ text: "again" }));

    expect(await notifications()).toHaveLength(1);
  });

  it("says that there is no such topic, and that SNS does not answer", async () => {
    const absent = new SnsPager({
      client: aClient(),
      topicArn: "arn:aws:sns:us-east-1:123456789012:absent",
    });
    const nowhere = createSnsClient({ ...AWS_OPTIONS, endpoint: "http://127.0.0.1:9" });

    await expect(absent.page(aPage())).rejects.toMatchObject({ name: "NotFoundError" });
    await expect(new SnsPager({ client: nowhere, topicArn: "any" }).page(aPage())).rejects.toMatchObject({
      name: "UnavailableError",
    });
  });
});

describe("toSubject", () => {
  it.each([
    ["group orders: the source is silent", "group orders: the source is silent"],
    ["  two\n\tlines ", "two lines"],
    ["größe – 東京", "gr?e ? ?"],
    ["x".repeat(100), "x".repeat(100)],
    ["x".repeat(101), `${"x".repeat(97)}...`],
    ["", "Steward needs a person"],
  ])("makes of %j what SNS takes", (given, expected) => {
    expect(toSubject(given)).toBe(expected);
  });
});
