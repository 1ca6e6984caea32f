// Rules of queues and of what is sent on: encrypted, read by somebody, and nothing lost that could not be delivered.

import { all, type Graph, type GraphResource, roleStatements, toList } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { findFunction, isOwnKey, queueArn } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";

/** Dead letters that no function reads, and who does. */
export const READ_BY_PEOPLE: Readonly<Record<string, string>> = {
  RuleLetters:
    "docs/runbooks/upkeep.md#an-event-was-not-delivered: events of alarms and calls, for a person to read",
};
/** Lambda guide, "Using Lambda with Amazon SQS", read 2026-11-22. */
const TIMES_HIDDEN = 6;
/** The least that Lambda takes of a queue (the same page). */
const LEAST_AT_ONCE = 2;

interface Redrive {
  readonly deadLetterTargetArn?: string;
  readonly maxReceiveCount?: number;
}

const redriveOf = ({ inputs }: GraphResource): Redrive =>
  inputs.redrivePolicy === undefined ? {} : JSON.parse(inputs.redrivePolicy);

/** ARNs of all queues that something gives up into. */
function deadLetterArns(graph: Graph): readonly string[] {
  const redrives = all(graph, KIND.queue).map((queue) => redriveOf(queue).deadLetterTargetArn);
  const others = [KIND.eventTarget, KIND.schedule, KIND.function].flatMap((kind) =>
    all(graph, kind).map(({ inputs }) => (inputs.deadLetterConfig ?? inputs.target?.deadLetterConfig)?.arn),
  );
  return [...redrives, ...others].flatMap((arn) => arn ?? []);
}

const readersOf = (graph: Graph, queue: GraphResource): readonly GraphResource[] =>
  all(graph, KIND.eventSource).filter(({ inputs }) => inputs.eventSourceArn === queueArn(queue));

const mayReceive = (graph: Graph, queue: GraphResource): boolean =>
  all(graph, KIND.role).some((role) =>
    roleStatements(graph, role).some(
      ({ Effect, Action, Resource }) =>
        Effect === "Allow" &&
        toList(Action).includes("sqs:ReceiveMessage") &&
        toList(Resource).includes(queueArn(queue)),
    ),
  );

const isWatched = (graph: Graph, { inputs }: GraphResource): boolean =>
  all(graph, KIND.alarm).some(
    ({ inputs: alarm }) =>
      alarm.metricName === "ApproximateNumberOfMessagesVisible" &&
      alarm.dimensions?.QueueName === inputs.name,
  );

const deadLetters = (graph: Graph) =>
  all(graph, KIND.queue).filter((queue) => deadLetterArns(graph).includes(queueArn(queue)));

export const MESSAGE_RULES: readonly GraphRule[] = [
  rule("every queue is encrypted", those(KIND.queue), ({ inputs }, graph) => [
    inputs.sqsManagedSseEnabled !== true && !isOwnKey(graph, inputs.kmsMasterKeyId) && "is not encrypted",
  ]),
  rule("every queue is read by a function, or holds dead letters", those(KIND.queue), (queue, graph) => [
    readersOf(graph, queue).length === 0 && !deadLetters(graph).includes(queue) && "is read by nothing",
  ]),
  rule(
    "what a function cannot take goes to a queue of dead letters",
    those(KIND.eventSource),
    ({ inputs }, graph) => {
      const queue = all(graph, KIND.queue).find((each) => queueArn(each) === inputs.eventSourceArn);
      if (queue === undefined) return ["reads a queue that is not here"];
      const { deadLetterTargetArn, maxReceiveCount = 0 } = redriveOf(queue);
      const letters = all(graph, KIND.queue).find((each) => queueArn(each) === deadLetterTargetArn);
      return [
        letters === undefined && `reads ${queue.name}, which has no queue of dead letters`,
        maxReceiveCount < 2 && `reads ${queue.name}, which gives up after ${maxReceiveCount} tries`,
        letters !== undefined &&
          letters.inputs.messageRetentionSeconds < queue.inputs.messageRetentionSeconds &&
          `gives up to ${letters.name}, which forgets sooner than ${queue.name}`,
      ];
    },
  ),
  rule("every queue of dead letters wakes somebody, and is read", deadLetters, (queue, graph) => [
    !isWatched(graph, queue) && "has no alarm on what lies in it",
    !mayReceive(graph, queue) && !(queue.name in READ_BY_PEOPLE) && "is read by nobody",
  ]),
  rule(
    "a queue hides a message for six times as long as its function may take",
    those(KIND.eventSource),
    ({ inputs }, graph) => {
      const queue = all(graph, KIND.queue).find((each) => queueArn(each) === inputs.eventSourceArn);
      const seconds = findFunction(graph, inputs.functionName)?.inputs.timeout ?? Number.POSITIVE_INFINITY;
      const hidden = queue?.inputs.visibilityTimeoutSeconds ?? 30;
      return [
        hidden < TIMES_HIDDEN * seconds &&
          `hides a message for ${hidden} s, and its function takes ${seconds} s`,
      ];
    },
  ),
  rule(
    "a function takes messages of a stated number at once, and hands back those alone that failed",
    those(KIND.eventSource),
    ({ inputs }) => [
      !toList<string>(inputs.functionResponseTypes).includes("ReportBatchItemFailures") &&
        "hands back all messages where one failed",
      !(inputs.scalingConfig?.maximumConcurrency >= LEAST_AT_ONCE) && "has no limit of calls at once",
    ],
  ),
  rule(
    "what a rule of EventBridge cannot deliver it tries again, then leaves in a queue",
    those(KIND.eventTarget),
    ({ inputs }, graph) => [
      !deadLetters(graph).some((queue) => queueArn(queue) === inputs.deadLetterConfig?.arn) &&
        "has no queue of dead letters",
      !(inputs.retryPolicy?.maximumRetryAttempts > 0) && "does not try again",
      !(inputs.retryPolicy?.maximumEventAgeInSeconds >= 60) && "tries for an unstated time",
    ],
  ),
];
