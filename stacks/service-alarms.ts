// Decides which alarms there are beyond core's own: on what AWS runs for a stage, which a laptop has not. Only what somebody can
// act on; what a workflow retries by itself is on the dashboard.

import { type MetricQuery, UNCERTIFIED_ERASURE, UNFINISHED_ERASURE } from "@steward/core";
import { UPKEEP } from "@steward/workflows/inventory.ts";
import type { AlarmSpec, Metric } from "./alarm-spec.ts";
import { ABOVE, FIVE_MINUTES, MINUTES, ofAws, once, QUIET, threeInARow, threeOfFive } from "./alarm-words.ts";
import { functionAlarms } from "./function-alarms.ts";
import { metricNamespace } from "./names.ts";
import type { AlarmSettings, Name, Watched } from "./watched.ts";

export function serviceAlarms(watched: Watched, settings: AlarmSettings): readonly AlarmSpec[] {
  return [
    ...letterAlarms(watched),
    ...queueAlarms(watched, settings),
    ...workflowAlarms(watched),
    ...erasureAlarms(settings),
    ...functionAlarms(watched),
    ...streamAlarms(watched, settings),
    ...ledgerAlarms(watched),
    ...hotAlarms(watched, settings),
    ...apiAlarms(watched),
  ];
}

const visible = (QueueName: Name) =>
  ofAws("SQS", "ApproximateNumberOfMessagesVisible", { QueueName }, "Maximum");

function letterAlarms({ ruleLetters }: Watched): readonly AlarmSpec[] {
  if (ruleLetters === undefined) return [];
  return [
    {
      ...{ ...ABOVE, ...FIVE_MINUTES, ...once, ...QUIET },
      name: "rule-letters",
      text: "a rule could not deliver an event: an alarm to its remediation, which looks once a minute anyway, or a page on tampering",
      runbook: "docs/runbooks/upkeep.md#an-event-was-not-delivered",
      tier: "page",
      metric: visible(ruleLetters),
      threshold: 0,
    },
  ];
}

function queueAlarms({ queue }: Watched, settings: AlarmSettings): readonly AlarmSpec[] {
  if (queue === undefined) return [];
  const { chunks, deadLetters } = queue;
  const age = ofAws("SQS", "ApproximateAgeOfOldestMessage", { QueueName: chunks }, "Maximum");
  return [
    {
      ...{ ...ABOVE, ...MINUTES, ...once, ...QUIET },
      name: "chunk-dead-letters",
      text: "chunks were given up after all their tries: their runs fail, and what they hold is not in a store",
      runbook: "docs/runbooks/queue.md#chunks-were-given-up",
      tier: "page",
      metric: visible(deadLetters),
      threshold: 0,
    },
    {
      // A long rebuild waits in the queue for hours, rightly; that nothing leaves it is wrong.
      ...{ ...ABOVE, ...FIVE_MINUTES, ...threeInARow, ...QUIET },
      name: "chunks-stand-still",
      text: `chunks wait for more than ${settings.queueIdleMinutes} minutes and no worker finishes any`,
      runbook: "docs/runbooks/queue.md#chunks-stand-still",
      tier: "page",
      metric: {
        of: { age, done: ofAws("SQS", "NumberOfMessagesDeleted", { QueueName: chunks }, "Sum") },
        expression: `IF(age > ${settings.queueIdleMinutes * 60} AND FILL(done, 0) < 1, 1, 0)`,
      },
      threshold: 0,
    },
    {
      ...{ ...ABOVE, ...FIVE_MINUTES, ...once, ...QUIET },
      name: "chunk-age",
      text: `a chunk has waited for ${settings.chunkAgeHours} hours: the queue forgets it when its retention ends`,
      runbook: "docs/runbooks/queue.md#a-chunk-is-old",
      tier: "page",
      metric: age,
      threshold: settings.chunkAgeHours * 3_600,
    },
  ];
}

/** Where nothing else looks after a workflow, its failure wakes somebody: the law counts an erasure's days, and nobody heals the
 * healer. The others leave a group that is not fresh, which remediation sees to. */
const WAKES: ReadonlySet<string> = new Set(["erasure", "remediation"]);

function workflowAlarms({ stateMachines = {} }: Watched): readonly AlarmSpec[] {
  return Object.entries(stateMachines).map(([workflow, StateMachineArn]) => {
    const ended = (how: string) => ofAws("States", `Executions${how}`, { StateMachineArn }, "Sum");
    return {
      ...{ ...ABOVE, ...FIVE_MINUTES, ...once, ...QUIET },
      name: `workflow-failed-${workflow}`,
      text: `an execution of ${workflow} failed, ran out of time or was aborted`,
      runbook: `docs/runbooks/workflows.md#${workflow}`,
      tier: WAKES.has(workflow) ? "page" : "notice",
      metric: {
        of: { failed: ended("Failed"), late: ended("TimedOut"), aborted: ended("Aborted") },
        expression: "FILL(failed, 0) + FILL(late, 0) + FILL(aborted, 0)",
      },
      threshold: 0,
    };
  });
}

/** By core's own figures; where nothing is open there is none. A laptop puts them too, and evaluates no alarm on them. */
function erasureAlarms({ uncertifiedHours, unfinishedHours }: AlarmSettings): readonly AlarmSpec[] {
  const late = (name: string, metric: MetricQuery, hours: number, text: string): AlarmSpec => ({
    // Two looks a period: one that came late leaves no gap.
    ...{ ...ABOVE, ...threeInARow, ...QUIET },
    periodSeconds: UPKEEP.finishes.everyMinutes * 120,
    name,
    text,
    runbook: "docs/runbooks/workflows.md#erasure",
    tier: "page",
    metric: { namespace: metricNamespace(), ...metric, statistic: "Maximum" },
    threshold: hours * 3_600,
  });
  return [
    late(
      "erasure-uncertified",
      UNCERTIFIED_ERASURE,
      uncertifiedHours,
      `an erasure has no certificate after ${uncertifiedHours} hours`,
    ),
    late(
      "erasure-unfinished",
      UNFINISHED_ERASURE,
      unfinishedHours,
      `the last scan of an erasure is overdue by ${unfinishedHours} hours: its certificate is not confirmed`,
    ),
  ];
}

function streamAlarms({ streams = {} }: Watched, { streamAgeHours }: AlarmSettings): readonly AlarmSpec[] {
  return Object.entries(streams).map(([source, StreamName]) => ({
    // What nobody reads has no such figure; core's alarm on the stream breaks on that.
    ...{ ...ABOVE, ...FIVE_MINUTES, ...threeInARow, ...QUIET },
    name: `stream-age-${source}`,
    text: `the readers of ${source} are ${streamAgeHours} hours behind: the stream forgets events after its retention`,
    runbook: "docs/runbooks/stream-behind.md#what-you-do-when-you-are-paged",
    tier: "page",
    metric: ofAws("Kinesis", "GetRecords.IteratorAgeMilliseconds", { StreamName }, "Maximum"),
    threshold: streamAgeHours * 3_600_000,
  }));
}

function ledgerAlarms({ ledger: TableName }: Watched): readonly AlarmSpec[] {
  if (TableName === undefined) return [];
  const events = (kind: string) => ofAws("DynamoDB", `${kind}ThrottleEvents`, { TableName }, "Sum");
  return [
    {
      // Alarms on a metric of DynamoDB always keep their state where it is missing, and it is missing where nothing is throttled:
      // filled, it goes off again. Source: CloudWatch user guide, "Configuring how alarms treat missing data", read 2026-11-22.
      ...{ ...ABOVE, ...FIVE_MINUTES, ...threeInARow, ...QUIET },
      name: "ledger-throttles",
      text: "the ledger's table turns calls away: every workflow waits for it",
      runbook: "docs/runbooks/ledger.md#calls-are-turned-away",
      tier: "page",
      metric: {
        of: { reads: events("Read"), writes: events("Write") },
        expression: "FILL(reads, 0) + FILL(writes, 0)",
      },
      threshold: 10,
    },
  ];
}

/** One alarm takes ten metrics at most, and is paid by the metric. Source: CloudWatch user guide, "Create an alarm based on a
 * metric math expression", read 2026-11-22. */
const NODES_AN_ALARM = 10;

function hotAlarms({ hotNodes = [] }: Watched, settings: AlarmSettings): readonly AlarmSpec[] {
  const kinds = [
    [
      "memory",
      "DatabaseMemoryUsagePercentage",
      settings.hotMemoryPercent,
      "is short of memory: writes are refused soon",
    ],
    [
      "cpu",
      "EngineCPUUtilization",
      settings.hotCpuPercent,
      "has no time left: reads wait beyond their limit",
    ],
    [
      "lag",
      "ReplicationLag",
      settings.hotLagSeconds,
      "has a replica far behind: a failover would lose that much",
    ],
  ] as const;
  return kinds.flatMap(([kind, figure, threshold, text]) =>
    inParts(hotNodes, NODES_AN_ALARM).map((nodes, part): AlarmSpec => {
      const metrics = nodes.map((CacheClusterId, index) => [
        `n${index}`,
        ofAws("ElastiCache", figure, { CacheClusterId }, "Maximum"),
      ]);
      return {
        ...{ ...ABOVE, ...MINUTES, ...threeOfFive, ...QUIET },
        name: `hot-${kind}-${part + 1}`,
        text: `a node of the hot store ${text}`,
        runbook: `docs/runbooks/hot-store.md#${kind}`,
        tier: "page",
        metric: {
          of: Object.fromEntries(metrics) as Readonly<Record<string, Metric>>,
          expression: `MAX([${nodes.map((_, index) => `FILL(n${index}, 0)`).join(", ")}])`,
        },
        threshold,
      };
    }),
  );
}

function apiAlarms({ apiId: ApiId }: Watched): readonly AlarmSpec[] {
  if (ApiId === undefined) return [];
  return [
    {
      ...{ ...ABOVE, ...FIVE_MINUTES, ...threeInARow, ...QUIET },
      name: "api-errors",
      text: "the API answers 5xx: requests, erasures among them, are not accepted",
      runbook: "docs/runbooks/api.md#the-api-answers-5xx",
      tier: "page",
      metric: ofAws("ApiGateway", "5xx", { ApiId }, "Sum"),
      threshold: 5,
    },
  ];
}

function inParts<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, part) =>
    list.slice(part * size, (part + 1) * size),
  );
}
