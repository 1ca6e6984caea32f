// Decides how the state machines of workflows/ stand in Step Functions: the same definitions that run locally, with functions and
// jobs by their ARNs, a role each, logs without what is passed, and an alias on the version that was published last.

import { buildWorkflows, fileOfTask, TASKS, WORKFLOWS, type Workflow } from "@steward/workflows/inventory.ts";
import { type Account, assumedBy, thisAccount } from "./account.ts";
import type { Functions } from "./functions.ts";
import type { BatchJobs } from "./glue.ts";
import { STATE_MACHINE_ALIAS, stateMachineName } from "./names.ts";

/** AWS takes no resource for them (from memory; of those that set up delivery, CloudWatch Logs guide, "Logs sent to CloudWatch Logs",
 * read 2026-11-25). */
const LOG_DELIVERY = [
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:GetLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:UpdateLogDelivery",
];
/** The same of traces (from memory). */
const TRACING = [
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];

export function createWorkflows(functions: Functions, jobs: BatchJobs, logDays: number) {
  const account = thisAccount();
  const arnOf = (workflow: Workflow, task: string) => functions.get(`${workflow}/${fileOfTask(task)}`).arn;
  const definitions = buildWorkflows({
    // Replaced below, once the ARNs are known.
    functionOf: (workflow, task) => token(workflow, task),
    runBatch: token("partition", "batch"),
    glueJobsOf: (workflow) => jobs.prefixOf(workflow),
  });
  const machines = WORKFLOWS.map((workflow) => {
    const tasks = TASKS[workflow].map((task) => [token(workflow, task), arnOf(workflow, task)] as const);
    const batch = [
      token("partition", "batch"),
      $interpolate`arn:${account.partition}:states:::glue:startJobRun.sync`,
    ] as const;
    const definition = fill(JSON.stringify(definitions[workflow]), Object.fromEntries([...tasks, batch]));
    const role = createRole(
      workflow,
      account,
      tasks.map(([, arn]) => arn),
      jobs.of(workflow),
    );
    return [workflow, createMachine(workflow, definition, role, logDays)] as const;
  });
  return { machines: new Map(machines) };
}

const token = (...parts: readonly string[]): string => `<${parts.join("/")}>`;

/** The text with each token replaced by what it stands for. Not secret: nobody reads a function's ARN to any harm. */
function fill(text: string, values: Readonly<Record<string, $util.Input<string>>>): $util.Output<string> {
  return $util
    .unsecret($util.output(values))
    .apply((known) =>
      Object.entries(known).reduce((filled, [from, to]) => filled.replaceAll(from, to), text),
    );
}

function createMachine(
  workflow: Workflow,
  definition: $util.Output<string>,
  { role, policy }: ReturnType<typeof createRole>,
  logDays: number,
) {
  const name = stateMachineName(workflow);
  const logs = new aws.cloudwatch.LogGroup(`WorkflowLogs-${workflow}`, {
    // Names that begin so share one entry of a resource policy of 5,120 characters (Step Functions guide, "Avoiding Amazon
    // CloudWatch Logs resource policy size restrictions", read 2026-11-25).
    name: `/aws/vendedlogs/states/${name}`,
    retentionInDays: logDays,
  });
  const machine = new aws.sfn.StateMachine(
    `Workflow-${workflow}`,
    {
      name,
      type: "STANDARD",
      roleArn: role.arn,
      definition,
      publish: true,
      loggingConfiguration: {
        level: "ALL",
        // What is passed holds names and counts alone; the log need not repeat it.
        includeExecutionData: false,
        logDestination: $interpolate`${logs.arn}:*`,
      },
      tracingConfiguration: { enabled: true },
    },
    { dependsOn: [policy] },
  );
  const alias = new aws.sfn.Alias(`WorkflowAlias-${workflow}`, {
    name: STATE_MACHINE_ALIAS,
    routingConfigurations: [{ stateMachineVersionArn: machine.stateMachineVersionArn, weight: 100 }],
  });
  return { machine, alias };
}

function createRole(
  workflow: Workflow,
  { arn, accountId }: Account,
  functionArns: readonly $util.Input<string>[],
  jobs: readonly aws.glue.Job[],
) {
  const name = stateMachineName(workflow);
  const role = new aws.iam.Role(`WorkflowRole-${workflow}`, {
    description: `${$app.name}/${$app.stage} state machine ${workflow}`,
    assumeRolePolicy: assumedBy("states.amazonaws.com", {
      StringEquals: { "aws:SourceAccount": accountId },
      ArnLike: { "aws:SourceArn": arn("states", `stateMachine:${name}`) },
    }),
  });
  const policy = new aws.iam.RolePolicy(`WorkflowPolicy-${workflow}`, {
    role: role.name,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: functionArns },
        ...(jobs.length === 0
          ? []
          : [
              {
                Effect: "Allow",
                Action: ["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"],
                Resource: jobs.map(({ arn: job }) => job),
              },
            ]),
        { Effect: "Allow", Action: LOG_DELIVERY, Resource: ["*"] },
        { Effect: "Allow", Action: TRACING, Resource: ["*"] },
      ],
    }),
  });
  return { role, policy };
}
