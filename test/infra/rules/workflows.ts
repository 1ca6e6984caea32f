// Rules of every state machine as it is deployed: what it is made of, whom it calls, and what is seen of it.

import type { StateMachine, TaskState } from "@steward/workflows/asl.ts";
import { danglingEdges, reachableFrom, validate } from "../../support/machine-rules.ts";
import { all, type Graph, type GraphResource, toList } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { allowedBy, arn, findFunction, hasLogGroup } from "./references.ts";
import { type GraphRule, once, rule, those } from "./rule.ts";

const BATCH = "arn:aws:states:::glue:startJobRun.sync";
/** "Several minutes" (Lambda guide, "Giving Lambda functions access to resources in a VPC", read 2026-11-25). */
const WAKING_SECONDS = 600;
/** `States.Format('steward-prod-refresh-{}', $.group)`. */
const GROUP_JOB = /^States\.Format\('([^'{}]+)\{\}', \$\.group\)$/;

function definitionOf({ inputs }: GraphResource): StateMachine {
  return JSON.parse(inputs.definition);
}

/** What asl-validator says of the text of a definition; nothing: it is valid. */
const invalidityOf = once((definition: string): string => {
  const { isValid, errorsText } = validate(JSON.parse(definition));
  return isValid ? "" : errorsText();
});

/** A task as it stands in the graph, where anything may be missing. */
export type WrittenTask = Partial<TaskState>;

export function tasksIn(machine: GraphResource): readonly (readonly [string, WrittenTask])[] {
  return Object.entries(definitionOf(machine).States).flatMap(([name, state]) =>
    state.Type === "Task" ? [[name, state as WrittenTask] as const] : [],
  );
}

/** Names of the jobs that a task may start: the one that it names, or one of each feature group. */
export function jobsOf(graph: Graph, { Resource, Parameters = {} }: WrittenTask): readonly string[] {
  if (Resource !== BATCH) return [];
  if (typeof Parameters.JobName === "string") return [Parameters.JobName];
  const [, prefix] = GROUP_JOB.exec(String(Parameters["JobName.$"])) ?? [];
  if (prefix === undefined) return [`a job by ${JSON.stringify(Parameters)}`];
  return all(graph, KIND.featureGroup).map(({ inputs }) => `${prefix}${inputs.featureGroupName}`);
}

/** Names of the jobs that its role lets it start. */
const startableBy = (graph: Graph, machine: GraphResource): readonly string[] =>
  allowedBy(graph, machine.inputs.roleArn)
    .filter(({ Action }) => toList(Action).includes("glue:StartJobRun"))
    .flatMap(({ Resource }) => toList(Resource))
    .map((job) => job.replace(arn("glue", "job/"), ""));

/** What Lambda answers a call by for which it has to wake a function, or bring its network back. */
const AT_REST = ["Lambda.CodeArtifactUserPendingException", "Lambda.ResourceNotReadyException"];

/** How long a task waits at most for a function that Lambda put to rest. */
function waitsForFunction({ Retry = [] }: WrittenTask): number {
  const retrier = Retry.find(({ ErrorEquals }) => AT_REST.every((name) => ErrorEquals.includes(name)));
  if (retrier === undefined) return 0;
  const { IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds } = retrier;
  return Array.from({ length: MaxAttempts }, (_, tries) =>
    Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** tries),
  ).reduce((sum, seconds) => sum + seconds, 0);
}

/** ARNs of the functions that its tasks call. */
const calledBy = (machine: GraphResource): readonly string[] => [
  ...new Set(tasksIn(machine).flatMap(([, { Resource = "" }]) => (Resource === BATCH ? [] : [Resource]))),
];

/** ARNs of the functions that its role lets it call. */
const callableBy = (graph: Graph, machine: GraphResource): readonly string[] =>
  allowedBy(graph, machine.inputs.roleArn).flatMap(({ Action, Resource }) =>
    toList(Action).includes("lambda:InvokeFunction") ? toList(Resource) : [],
  );

const without = (some: readonly string[], others: readonly string[]) =>
  some.filter((each) => !others.includes(each));
const lastOf = (arn: string) => arn.split(":").at(-1);

export const WORKFLOW_RULES: readonly GraphRule[] = [
  rule(
    "every machine is valid, and each of its ways leads to a state that there is",
    those(KIND.machine),
    (machine) => {
      const definition = definitionOf(machine);
      const invalid = invalidityOf(machine.inputs.definition);
      const reached = reachableFrom(definition, definition.StartAt);
      return [
        invalid !== "" && `is not valid: ${invalid}`,
        ...danglingEdges(definition).map((edge) => `leads nowhere: ${edge}`),
        ...without(Object.keys(definition.States), [...reached]).map((state) => `never comes to "${state}"`),
      ];
    },
  ),
  rule(
    "every task ends in time, is tried again, and leads somewhere when it fails",
    those(KIND.machine),
    (machine) =>
      tasksIn(machine).flatMap(([state, { TimeoutSeconds, Retry = [], Catch = [] }]) => [
        TimeoutSeconds === undefined && `waits for ever in "${state}"`,
        Retry.length === 0 && `does not try again in "${state}"`,
        !Catch.some(({ ErrorEquals }) => ErrorEquals.includes("States.ALL")) &&
          `lets a failure of "${state}" end the run`,
      ]),
  ),
  rule(
    "a task waits for minutes until Lambda has a function ready that it put to rest",
    those(KIND.machine),
    (machine) =>
      tasksIn(machine)
        .filter(([, task]) => task.Resource !== BATCH && waitsForFunction(task) < WAKING_SECONDS)
        .map(([state, task]) => `waits for ${waitsForFunction(task)} s in "${state}"`),
  ),
  rule("every task calls a function or a job that is here", those(KIND.machine), (machine, graph) =>
    tasksIn(machine).flatMap(([state, task]) => {
      const jobs = all(graph, KIND.job).map(({ inputs }) => inputs.name);
      const isFunction = task.Resource !== BATCH;
      return [
        isFunction &&
          findFunction(graph, task.Resource) === undefined &&
          `calls what is not here in "${state}": ${task.Resource}`,
        ...without(jobsOf(graph, task), jobs).map((job) => `starts what is not here in "${state}": ${job}`),
      ];
    }),
  ),
  rule("every machine may call what it calls, and nothing else", those(KIND.machine), (machine, graph) => {
    const [called, callable] = [calledBy(machine), callableBy(graph, machine)];
    const started = [...new Set(tasksIn(machine).flatMap(([, task]) => jobsOf(graph, task)))];
    const startable = startableBy(graph, machine);
    return [
      ...without(called, callable).map((called) => `may not call ${lastOf(called)}`),
      ...without(callable, called).map((called) => `may call ${lastOf(called)}, and does not`),
      ...without(started, startable).map((job) => `may not start ${job}`),
      ...without(startable, started).map((job) => `may start ${job}, and does not`),
    ];
  }),
  rule(
    "every machine is traced, and logs each step without what is passed",
    those(KIND.machine),
    ({ inputs }, graph) => {
      const { level, includeExecutionData, logDestination = "" } = inputs.loggingConfiguration ?? {};
      return [
        level !== "ALL" && `logs ${level ?? "nothing"}`,
        includeExecutionData !== false && "logs what is passed",
        !hasLogGroup(graph, /:log-group:(.+):\*$/.exec(logDestination)?.[1]) &&
          "logs to a group that is not here",
        inputs.tracingConfiguration?.enabled !== true && "is not traced",
      ];
    },
  ),
  rule(
    "every machine is published, and started by an alias on one version of it",
    those(KIND.machine),
    ({ inputs, id }, graph) => {
      const routes = all(graph, KIND.machineAlias)
        .flatMap((alias) => toList(alias.inputs.routingConfigurations))
        .filter(({ stateMachineVersionArn }) => new RegExp(`^${id}:\\d+$`).test(stateMachineVersionArn));
      return [
        inputs.publish !== true && "is not published",
        routes.length !== 1 && `is named by ${routes.length} routes of aliases`,
        routes[0]?.weight !== 100 && "is not started by one version alone",
      ];
    },
  ),
];
