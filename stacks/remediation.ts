// Decides what an alarm of CloudWatch starts: a look of functions/upkeep/attend-alarms, at once. It is called every minute
// anyway and asks the metrics itself, so an event that comes twice, late or not at all does no harm.

import { thisAccount } from "./account.ts";
import { named } from "./names.ts";

export interface Attendant {
  readonly name: $util.Input<string>;
  readonly arn: $util.Input<string>;
}

/** How core's alarms begin: a pattern may hold 2,048 characters, fewer than all their names. */
const KINDS = ["freshness-", "difference-", "stream-behind-"] as const;

export function createRemediation(attendAlarms: Attendant, letters: aws.sqs.Queue) {
  const rule = new aws.cloudwatch.EventRule("RemediationRule", {
    name: named("remediation"),
    description: "An alarm on freshness went off: attend to it",
    eventPattern: JSON.stringify({
      source: ["aws.cloudwatch"],
      "detail-type": ["CloudWatch Alarm State Change"],
      detail: {
        alarmName: KINDS.map((kind) => ({ prefix: named(kind) })),
        state: { value: ["ALARM"] },
      },
    }),
  });
  // Lambda is told who may call; a role of the rule's own would add nothing.
  new aws.lambda.Permission("RemediationPermission", {
    statementId: "RemediationRule",
    action: "lambda:InvokeFunction",
    function: attendAlarms.name,
    principal: "events.amazonaws.com",
    sourceArn: rule.arn,
    sourceAccount: thisAccount().accountId,
  });
  new aws.cloudwatch.EventTarget("RemediationTarget", {
    rule: rule.name,
    arn: attendAlarms.arn,
    // Nothing of the event is read.
    input: "{}",
    // Beyond that the schedule has looked long ago.
    retryPolicy: { maximumEventAgeInSeconds: 600, maximumRetryAttempts: 5 },
    deadLetterConfig: { arn: letters.arn },
  });
  return { rule };
}
export type Remediation = ReturnType<typeof createRemediation>;
