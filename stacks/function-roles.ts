// Decides what a function's own role allows: the grants of its calls, its own log, and what Lambda itself asks of every role.

import { thisAccount } from "./account.ts";
import type { StageFunction } from "./function-list.ts";
import { dashed } from "./names.ts";
import { type Grant, type GrantResources, grantsOf, statementsFor } from "./permissions.ts";
import { CLEARED } from "./pii-policy.ts";

/** AWS takes no resource for them (from memory). */
const TRACING = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"];
/** Of every function in a network, on whatever AWS makes for it: policy AWSLambdaVPCAccessExecutionRole of
 * AWS, read 2026-11-25. */
const NETWORKING = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/** Whoever reaches records or hot values is cleared for those about people, where the organisation fences them. */
const REACHES_RECORDS = /^(?:sagemaker:\w+Records? groups|elasticache:Connect hot(?:Readers|Writers))$/;

export interface RoleParts {
  readonly resources: GrantResources;
  readonly logs: aws.cloudwatch.LogGroup;
  /** What a service does with the function's role on its own account. */
  readonly more?: readonly Grant[];
}

export function createFunctionRole(
  name: string,
  of: StageFunction,
  { resources, logs, more = [] }: RoleParts,
) {
  const account = thisAccount();
  const grants = [...grantsOf(of.needs), ...more];
  const role = new aws.iam.Role(`Role-${dashed(of.name)}`, {
    description: `${$app.name}/${$app.stage} ${of.name}`,
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
    ...(grants.some((grant) => REACHES_RECORDS.test(grant)) && { tags: CLEARED }),
  });
  const statements = [
    ...statementsFor(grants, resources, account.region),
    {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: [$interpolate`${logs.arn}:*`],
    },
    { Effect: "Allow", Action: TRACING, Resource: ["*"] },
    ...(of.isInNetwork ? networking(account.arn("lambda", `function:${name}`)) : []),
  ];
  const policy = new aws.iam.RolePolicy(`RolePolicy-${dashed(of.name)}`, {
    role: role.name,
    policy: $jsonStringify({ Version: "2012-10-17", Statement: statements }),
  });
  return { role, policy };
}

/** For Lambda alone: what runs in the function may not touch the network that it stands in. Only its own calls carry the
 * function's ARN, and Lambda's of the network do not (Lambda guide, "Using source function ARN", read 2026-11-25). */
function networking(functionArn: $util.Input<string>) {
  return [
    { Effect: "Allow", Action: NETWORKING, Resource: ["*"] },
    {
      Effect: "Deny",
      Action: NETWORKING,
      Resource: ["*"],
      Condition: { ArnEquals: { "lambda:SourceFunctionArn": [functionArn] } },
    },
  ];
}
