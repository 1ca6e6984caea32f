// Rules of what is called by itself: what it calls is there, it may call it and nothing else, and a late call is no call.

import { all, type Graph, toList } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { allowedBy, findFunction, functionArn } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";

const MINUTE_S = 60;

/** `rate(5 minutes)` in seconds; undefined for any other way of saying when. */
function periodOf(expression: string): number | undefined {
  const [, count] = /^rate\((\d+) minutes?\)$/.exec(expression) ?? [];
  return count === undefined ? undefined : Number(count) * MINUTE_S;
}

const invokableBy = (graph: Graph, roleArn: unknown): readonly string[] =>
  allowedBy(graph, roleArn).flatMap(({ Action, Resource }) =>
    toList(Action).includes("lambda:InvokeFunction") ? toList(Resource) : [],
  );

/** ARNs of the functions that schedules of this role call. */
const scheduledBy = (graph: Graph, roleArn: unknown): readonly string[] =>
  all(graph, KIND.schedule)
    .filter(({ inputs }) => inputs.target.roleArn === roleArn)
    .map(({ inputs }) => inputs.target.arn);

export const SCHEDULE_RULES: readonly GraphRule[] = [
  rule(
    "every schedule calls a function that is here, by a role that may call it",
    those(KIND.schedule),
    ({ inputs }, graph) => {
      const { arn, roleArn } = inputs.target;
      return [
        findFunction(graph, arn) === undefined && `calls what is not here: ${arn}`,
        !invokableBy(graph, roleArn).includes(arn) && `has a role that may not call ${arn}`,
      ];
    },
  ),
  rule(
    "the role of schedules may call what they call, and do nothing else",
    those(KIND.schedule),
    ({ inputs }, graph) => {
      const { roleArn } = inputs.target;
      const actions = allowedBy(graph, roleArn).flatMap(({ Action }) => toList(Action));
      const scheduled = scheduledBy(graph, roleArn);
      return [
        ...actions
          .filter((action) => action !== "lambda:InvokeFunction")
          .map((action) => `has a role that may ${action}`),
        ...invokableBy(graph, roleArn)
          .filter((called) => !scheduled.includes(called))
          .map((called) => `has a role that may call ${called}, which no schedule calls`),
      ];
    },
  ),
  rule(
    "a call that comes late is dropped before the next one is due",
    those(KIND.schedule),
    ({ inputs }, graph) => {
      const period = periodOf(inputs.scheduleExpression);
      const { maximumEventAgeInSeconds: age } = inputs.target.retryPolicy ?? {};
      const called = findFunction(graph, inputs.target.arn);
      const queued = all(graph, KIND.invokeConfig).find(
        (each) => each.inputs.functionName === called?.inputs.name,
      )?.inputs;
      return [
        period === undefined && `is due at ${inputs.scheduleExpression}, not every so many minutes`,
        period !== undefined && !(age <= period) && `tries to call for ${age ?? "an unstated number of"} s`,
        period !== undefined &&
          !((queued?.maximumEventAgeInSeconds ?? Number.POSITIVE_INFINITY) <= period) &&
          `calls ${called?.name}, which Lambda queues for longer than ${period} s`,
        queued?.maximumRetryAttempts !== 0 && `calls ${called?.name}, which Lambda calls again by itself`,
      ];
    },
  ),
  rule("a schedule is on, in this stage's own group", those(KIND.schedule), ({ inputs }, graph) => [
    inputs.state === "DISABLED" && "is off",
    !all(graph, "aws:scheduler/scheduleGroup:ScheduleGroup").some(
      (group) => group.inputs.name === inputs.groupName,
    ) && "belongs to no group of this stage",
  ]),
  rule(
    "what a rule of EventBridge calls is here, and lets that rule in",
    those(KIND.eventTarget),
    ({ inputs }, graph) => {
      if (all(graph, KIND.topic).some(({ id }) => id === inputs.arn)) return [];
      const called = findFunction(graph, inputs.arn);
      const isLetIn = all(graph, KIND.permission).some(
        (each) =>
          called !== undefined &&
          functionArn(called).endsWith(`:${each.inputs.function}`) &&
          each.inputs.principal === "events.amazonaws.com" &&
          String(each.inputs.sourceArn).endsWith(`:rule/${inputs.rule}`),
      );
      return [
        called === undefined && `calls what is not here: ${inputs.arn}`,
        called !== undefined && !isLetIn && `may not call ${called.name}`,
      ];
    },
  ),
];
