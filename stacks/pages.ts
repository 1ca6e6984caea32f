// Decides where word goes that is meant for people: one topic that wakes somebody, one that is read in the morning.
// Leaves to alarms.ts which alarm goes where.

import { type Account, ownAccount, thisAccount, tlsOnly } from "./account.ts";
import { named } from "./names.ts";

export interface Subscription {
  readonly protocol: "email" | "https" | "sqs" | "lambda";
  /** An address, a URL of an on-call service, or an ARN. */
  readonly endpoint: string;
}

export interface PagesSettings {
  readonly pages: readonly Subscription[];
  readonly notices: readonly Subscription[];
}

/** Services that publish of themselves, each for this account alone. */
const PUBLISHERS = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] as const;
/** EventBridge takes no condition in the policy of a topic. Source: EventBridge user guide, "Using resource-based policies",
 * read 2026-11-25. */
const EVENTS = "events.amazonaws.com";

/**
 * `pages` wakes a person; `notices` tells what Steward sees to itself. Who else publishes (the functions that page) needs
 * `sns:Publish` on the topic and `kms:GenerateDataKey*`, `kms:Decrypt` on `key`, by policies of their own role.
 */
export function createPages(settings: PagesSettings) {
  const account = thisAccount();
  const key = createPagesKey(account);
  const topic = (id: string, name: string) => createTopic(account, key, id, name);
  const pages = topic("Pages", "pages");
  const notices = topic("Notices", "notices");
  subscribe("Page", pages, settings.pages);
  subscribe("Notice", notices, settings.notices);
  return { pages, notices, key };
}
export type Pages = ReturnType<typeof createPages>;

function createPagesKey(account: Account) {
  return new aws.kms.Key("PagesKey", {
    description: `${$app.name}/${$app.stage} pages and notices`,
    enableKeyRotation: true,
    deletionWindowInDays: 30,
    // The alias of AWS's own key, alias/aws/sns, cannot be used by CloudWatch alarms: its policy cannot be changed.
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        ownAccount(account),
        {
          Sid: "Publishers",
          Effect: "Allow",
          Principal: { Service: PUBLISHERS },
          Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
          Resource: "*",
          Condition: { StringEquals: { "aws:SourceAccount": account.accountId } },
        },
        {
          Sid: "Rules",
          Effect: "Allow",
          Principal: { Service: EVENTS },
          Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
          Resource: "*",
        },
      ],
    }),
  });
}

function createTopic(account: Account, key: aws.kms.Key, id: string, name: string) {
  const topic = new aws.sns.Topic(id, {
    name: named(name),
    kmsMasterKeyId: key.arn,
  });
  new aws.sns.TopicPolicy(`${id}Policy`, {
    arn: topic.arn,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Publishers",
          Effect: "Allow",
          Principal: { Service: PUBLISHERS },
          Action: "sns:Publish",
          Resource: topic.arn,
          Condition: { StringEquals: { "aws:SourceAccount": account.accountId } },
        },
        {
          Sid: "Rules",
          Effect: "Allow",
          Principal: { Service: EVENTS },
          Action: "sns:Publish",
          Resource: topic.arn,
        },
        tlsOnly("sns:Publish", [topic.arn]),
      ],
    }),
  });
  return topic;
}

function subscribe(id: string, topic: aws.sns.Topic, subscriptions: readonly Subscription[]) {
  for (const [index, { protocol, endpoint }] of subscriptions.entries())
    new aws.sns.TopicSubscription(`${id}Subscription${index + 1}`, { topic: topic.arn, protocol, endpoint });
}
