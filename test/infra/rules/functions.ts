// Rules of every function and job: what it runs on, where it logs, what it is told, and that nobody waits for it in vain.

import { all, type Graph, type GraphResource } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { functionArn, hasLogGroup, isOwnKey } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";
import { jobsOf, tasksIn } from "./workflows.ts";

/** Lambda quotas, read 2026-11-22: the longest call, and all variables of a function together. */
const LONGEST_SECONDS = 900;
const VARIABLE_BYTES = 4_096;
/** Lambda guide, "Defined runtime environment variables", reserved ones. */
const RESERVED = /^(?:_HANDLER|_X_AMZN_TRACE_ID|TZ|AWS_\w+|LAMBDA_\w+)$/;
const SECRET_NAME = /SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL|KEY/;
/** Private keys, access keys of AWS, a password within a URL, and 32 bytes or more written in hex or base64. */
const SECRET_VALUES = [
  /-----BEGIN/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\/\/[^/\s:@"]*:[^/\s@"]+@/,
  /\b[0-9a-f]{32,}\b/i,
  /(?<![\w+/-])(?=[A-Za-z+/]*\d)[A-Za-z0-9+/]{43,}={0,2}(?![\w-])/,
];

function variablesOf({ type, inputs }: GraphResource): Readonly<Record<string, string>> {
  if (type === KIND.job) return JSON.parse(inputs.defaultArguments?.["--environment"] ?? "{}");
  return inputs.environment?.variables ?? {};
}

/** Whether it names a secret or a key of this stage, which its own policies guard. */
const isReference = (graph: Graph, value: string): boolean =>
  isOwnKey(graph, value) || all(graph, KIND.secret).some(({ id }) => id === value);

/** Who waits for a function or job, and for how many seconds at most. */
function waitersFor(graph: Graph, called: GraphResource): readonly (readonly [string, number])[] {
  const states = all(graph, KIND.machine).flatMap((machine) =>
    tasksIn(machine)
      .filter(([, task]) =>
        called.type === KIND.job
          ? jobsOf(graph, task).includes(called.inputs.name)
          : task.Resource === functionArn(called),
      )
      .map(([state, { TimeoutSeconds }]) => [`${machine.name}, ${state}`, TimeoutSeconds ?? 0] as const),
  );
  const routes = all(graph, KIND.integration)
    .filter(({ inputs }) => inputs.integrationUri === functionArn(called))
    .map(({ name, inputs }) => [name, inputs.timeoutMilliseconds / 1_000] as const);
  return [...states, ...routes];
}

export const FUNCTION_RULES: readonly GraphRule[] = [
  rule(
    "every function runs by Node 24 on arm64, is traced, and ends within a quarter of an hour",
    those(KIND.function),
    ({ inputs }) => [
      inputs.runtime !== "nodejs24.x" && `runs by ${inputs.runtime}`,
      inputs.architectures?.join() !== "arm64" && `runs on ${inputs.architectures ?? "x86_64"}`,
      inputs.tracingConfig?.mode !== "Active" && "is not traced",
      !(inputs.timeout <= LONGEST_SECONDS) && `may take ${inputs.timeout} s`,
    ],
  ),
  rule("every function has a log of its own", those(KIND.function), ({ inputs, name }, graph) => {
    const group = inputs.loggingConfig?.logGroup;
    const sharing = all(graph, KIND.function).filter((each) => each.inputs.loggingConfig?.logGroup === group);
    return [
      !hasLogGroup(graph, group) &&
        "writes to a log that is not here: Lambda would make one that never forgets",
      ...sharing.filter((each) => each.name !== name).map((each) => `shares its log with ${each.name}`),
    ];
  }),
  rule(
    "no function or job is told a secret, only where it lies",
    those(KIND.function, KIND.job),
    (resource, graph) =>
      Object.entries(variablesOf(resource)).flatMap(([name, value]) => [
        SECRET_NAME.test(name) &&
          !isReference(graph, value) &&
          `is told ${name}, which is no secret or key of this stage`,
        SECRET_VALUES.some((pattern) => pattern.test(value)) && `is told what looks like a secret by ${name}`,
      ]),
  ),
  rule(
    "what a function is told fits Lambda, by names that Lambda leaves to it",
    those(KIND.function),
    (resource) => {
      const variables = variablesOf(resource);
      const bytes = Buffer.byteLength(Object.entries(variables).flat().join(""));
      return [
        bytes > VARIABLE_BYTES && `has variables of ${bytes} bytes`,
        ...Object.keys(variables)
          .filter((name) => RESERVED.test(name) || !/^[a-zA-Z]\w+$/.test(name))
          .map((name) => `is told ${name}, which Lambda keeps to itself or does not take`),
      ];
    },
  ),
  rule("no function or job outlives what waits for it", those(KIND.function, KIND.job), (resource, graph) => {
    const seconds = resource.inputs.timeout * (resource.type === KIND.job ? 60 : 1);
    return waitersFor(graph, resource)
      .filter(([, waits]) => !(waits >= seconds))
      .map(([waiter, waits]) => `may take ${seconds} s, and ${waiter} waits for ${waits} s`);
  }),
  rule(
    "every function and job is called by something here",
    those(KIND.function, KIND.job),
    (resource, graph) => {
      const arn = functionArn(resource);
      const callers = [KIND.eventSource, KIND.schedule, KIND.eventTarget].flatMap((kind) =>
        all(graph, kind).filter(({ inputs }) =>
          [inputs.functionName, inputs.arn, inputs.target?.arn].includes(arn),
        ),
      );
      return [callers.length + waitersFor(graph, resource).length === 0 && "is called by nothing"];
    },
  ),
];
