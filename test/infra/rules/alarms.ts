// Rules of alarms: somebody is told, a runbook says what to do, and nothing that works by itself is left unwatched.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { all, type Graph, type GraphResource, toList } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { findFunction } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const LINK = /Runbook: (docs\/runbooks\/[a-z-]+\.md)(?:#([a-z0-9-]+))?$/;

/** As GitHub makes anchors of headings. */
function anchorsOf(page: string): readonly string[] {
  return [...readFileSync(resolve(ROOT, page), "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, "")
      .replaceAll(" ", "-"),
  );
}

interface Figure {
  readonly metricName: string;
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** Every figure that an alarm looks at, alone or within an expression. */
const figuresOf = ({ inputs }: GraphResource): readonly Figure[] => [
  ...(inputs.metricName === undefined ? [] : [inputs as unknown as Figure]),
  ...toList(inputs.metricQueries).flatMap(({ metric }) => metric ?? []),
];

const isWatched = (graph: Graph, metricName: string, dimension: string, value: unknown): boolean =>
  all(graph, KIND.alarm)
    .flatMap(figuresOf)
    .some((figure) => figure.metricName === metricName && figure.dimensions?.[dimension] === value);

export const ALARM_RULES: readonly GraphRule[] = [
  rule(
    "every alarm tells a topic of this stage when it goes on and when it goes off",
    those(KIND.alarm),
    ({ inputs }, graph) => {
      const topics = all(graph, KIND.topic).map(({ id }) => id);
      const isTold = (actions: unknown) =>
        toList(actions as readonly string[]).some((action) => topics.includes(action));
      return [
        !isTold(inputs.alarmActions) && "tells nobody when it goes on",
        !isTold(inputs.okActions) && "tells nobody when it goes off",
        inputs.actionsEnabled === false && "is silenced",
      ];
    },
  ),
  rule("every alarm names a runbook, and a heading that is on it", those(KIND.alarm), ({ inputs }) => {
    const [, page, anchor] = LINK.exec(inputs.alarmDescription ?? "") ?? [];
    if (page === undefined || !existsSync(resolve(ROOT, page)))
      return [`names no runbook: ${inputs.alarmDescription}`];
    return [
      anchor !== undefined && !anchorsOf(page).includes(anchor) && `names #${anchor}, which ${page} has not`,
    ];
  }),
  rule("every alarm says what silence means", those(KIND.alarm), ({ inputs }) => [
    !["breaching", "notBreaching"].includes(inputs.treatMissingData) &&
      "does not say what missing data means",
  ]),
  rule(
    "somebody hears when a workflow fails, runs out of time or is aborted",
    those(KIND.machine),
    ({ id }, graph) =>
      ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"]
        .filter((figure) => !isWatched(graph, figure, "StateMachineArn", id))
        .map((figure) => `has no alarm on ${figure}`),
  ),
  rule(
    "somebody hears when what a schedule calls fails, and when it is not called",
    those(KIND.schedule),
    ({ inputs }, graph) => {
      const name = findFunction(graph, inputs.target.arn)?.inputs.name;
      return ["Errors", "Invocations"]
        .filter((figure) => !isWatched(graph, figure, "FunctionName", name))
        .map((figure) => `calls ${name}, which has no alarm on its ${figure}`);
    },
  ),
  rule("somebody hears when what reads a queue fails", those(KIND.eventSource), ({ inputs }, graph) => {
    const name = findFunction(graph, inputs.functionName)?.inputs.name;
    return [
      !isWatched(graph, "Errors", "FunctionName", name) && `feeds ${name}, which has no alarm on its Errors`,
    ];
  }),
  rule("somebody hears when the readers of a stream fall behind", those(KIND.stream), ({ inputs }, graph) => [
    !isWatched(graph, "GetRecords.IteratorAgeMilliseconds", "StreamName", inputs.name) &&
      "has no alarm on its readers",
  ]),
];
