// Decides how what is looked after now and then is called in an account: each concern of the inventory by a schedule of its own.

import { CONCERNS, STREAM_CONSUMER, UPKEEP } from "@steward/workflows/inventory.ts";
import { assumedBy, thisAccount } from "./account.ts";
import { CONSUMER } from "./function-list.ts";
import type { Functions } from "./functions.ts";
import { dashed, functionName, named } from "./names.ts";

interface Call {
  /** Its file within functions/. */
  readonly name: string;
  readonly everyMinutes: number;
  readonly input: Readonly<Record<string, number>>;
}

const CALLS: readonly Call[] = [
  ...CONCERNS.map((concern) => {
    const { file, everyMinutes } = UPKEEP[concern];
    return { name: `upkeep/${file}`, everyMinutes, input: {} };
  }),
  {
    name: CONSUMER,
    everyMinutes: STREAM_CONSUMER.everyMinutes,
    input: { readSeconds: STREAM_CONSUMER.readSeconds },
  },
];

export function createSchedules(functions: Functions) {
  const group = new aws.scheduler.ScheduleGroup("Schedules", { name: named("upkeep") });
  const { role, policy } = createRole(CALLS.map(({ name }) => functions.get(name).arn));
  return CALLS.map(({ name, everyMinutes, input }) => {
    const called = functions.get(name);
    // A look that failed is not looked again: the next one comes anyway, and a late one would meet it.
    new aws.lambda.FunctionEventInvokeConfig(`Invoke-${dashed(name)}`, {
      functionName: called.name,
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 60,
    });
    return new aws.scheduler.Schedule(
      `Schedule-${dashed(name)}`,
      {
        name: functionName(name),
        groupName: group.name,
        scheduleExpression: `rate(${everyMinutes} minute${everyMinutes === 1 ? "" : "s"})`,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: called.arn,
          roleArn: role.arn,
          input: JSON.stringify(input),
          // The least that EventBridge takes; one that could not be called is told of by the alarm stands-still-….
          retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 1 },
        },
      },
      { dependsOn: [policy] },
    );
  });
}

function createRole(functionArns: readonly $util.Input<string>[]) {
  const { accountId, arn } = thisAccount();
  const role = new aws.iam.Role("ScheduleRole", {
    description: `${$app.name}/${$app.stage} schedules`,
    assumeRolePolicy: assumedBy("scheduler.amazonaws.com", {
      StringEquals: { "aws:SourceAccount": accountId },
      // Of schedules it is the group (Scheduler guide, document history of 2023-09-07, read 2026-11-25).
      ArnLike: { "aws:SourceArn": arn("scheduler", `schedule-group/${named("upkeep")}`) },
    }),
  });
  const policy = new aws.iam.RolePolicy("SchedulePolicy", {
    role: role.name,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: functionArns }],
    }),
  });
  return { role, policy };
}
