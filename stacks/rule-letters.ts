// Decides where events of EventBridge's rules go that could not be delivered: one queue, with an alarm on it.

import { thisAccount, tlsOnly } from "./account.ts";
import { named } from "./names.ts";

/** Events name alarms and calls, and hold no data: SQS's own key will do, and EventBridge needs none. */
export function createRuleLetters() {
  const letters = new aws.sqs.Queue("RuleLetters", {
    name: named("rule-letters"),
    sqsManagedSseEnabled: true,
    messageRetentionSeconds: 14 * 86_400,
  });
  new aws.sqs.QueuePolicy("RuleLettersPolicy", {
    queueUrl: letters.url,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "RulesLeaveLetters",
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: letters.arn,
          Condition: { ArnLike: { "aws:SourceArn": thisAccount().arn("events", `rule/${named("*")}`) } },
        },
        tlsOnly("sqs:*", [letters.arn]),
      ],
    }),
  });
  return letters;
}
