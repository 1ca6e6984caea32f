// Actions that a policy of a stage may allow on `Resource: "*"`, each with the reason: all others name what they are on.

const TAKES_NONE = "AWS takes no resource for it";
const LAMBDA_NETWORKING =
  "Lambda makes the interfaces of a function in a network, and their names are not known before; the function itself is denied it";
const LOG_DELIVERY = "Step Functions sets up its own log by it, and AWS takes no resource for it";

/** By action. Of resources that an action takes: Service Authorization Reference, read 2026-11-22. */
export const ANY_RESOURCE: Readonly<Record<string, string>> = {
  "cloudwatch:GetMetricData": `${TAKES_NONE}: who reads one figure of the account can read all`,
  "cloudwatch:PutMetricData": `${TAKES_NONE}: a condition holds it to the namespace of Glue's own figures`,
  "ec2:AssignPrivateIpAddresses": LAMBDA_NETWORKING,
  "ec2:CreateNetworkInterface": LAMBDA_NETWORKING,
  "ec2:DeleteNetworkInterface": LAMBDA_NETWORKING,
  "ec2:DescribeNetworkInterfaces": LAMBDA_NETWORKING,
  "ec2:DescribeSubnets": LAMBDA_NETWORKING,
  "ec2:UnassignPrivateIpAddresses": LAMBDA_NETWORKING,
  "logs:CreateLogDelivery": LOG_DELIVERY,
  "logs:DeleteLogDelivery": LOG_DELIVERY,
  "logs:DescribeLogGroups": LOG_DELIVERY,
  "logs:DescribeResourcePolicies": LOG_DELIVERY,
  "logs:GetLogDelivery": LOG_DELIVERY,
  "logs:ListLogDeliveries": LOG_DELIVERY,
  "logs:PutResourcePolicy": LOG_DELIVERY,
  "logs:UpdateLogDelivery": LOG_DELIVERY,
  "xray:GetSamplingRules": TAKES_NONE,
  "xray:GetSamplingTargets": TAKES_NONE,
  "xray:PutTelemetryRecords": TAKES_NONE,
  "xray:PutTraceSegments": TAKES_NONE,
};
