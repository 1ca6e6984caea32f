// Rules of the least that a function needs: for each action that its role allows, a call of its own bundle that takes it. The other
// way round than stacks/permissions.ts, and written by hand: what one forgets the other sees.

import NEEDS from "../../../stacks/needs.json" with { type: "json" };
import { all, type Graph, type GraphResource, roleStatements, statementsOf, toList } from "../graph.ts";
import { isAllowed } from "../policy-evaluation.ts";
import { allowsOf } from "./identity.ts";
import { KIND } from "./kinds.ts";
import { inNetwork } from "./reach.ts";
import { ACCOUNT, allowedBy, functionArn } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";

/** By action: ports, or calls of ports, one of which the function makes. */
const TAKEN_FOR: Readonly<Record<string, readonly string[]>> = {
  "cloudwatch:GetMetricData": ["metricHistory.read"],
  "dynamodb:DeleteItem": ["ledger.remove"],
  "dynamodb:GetItem": ["ledger.find"],
  "dynamodb:PutItem": ["ledger.put"],
  "dynamodb:Query": ["ledger.list"],
  "elasticache:Connect": ["hotStore", "pacer"],
  "kinesis:GetRecords": ["streams.get"],
  "kinesis:GetShardIterator": ["streams.get"],
  "kinesis:ListShards": ["streams.get"],
  "kms:GetPublicKey": ["signer.sign"],
  "kms:Sign": ["signer.sign"],
  "s3:AbortMultipartUpload": ["objects.copy", "objects.putFile", "batchEngine"],
  "s3:DeleteObject": ["batchEngine"],
  "s3:DeleteObjectVersion": ["objects.removeVersions"],
  "s3:GetObject": ["objects", "offlineFiles", "erasureFiles", "batchEngine"],
  "s3:GetObjectVersion": ["objects", "offlineFiles", "erasureFiles", "batchEngine"],
  "s3:ListBucket": ["objects", "offlineFiles", "erasureFiles", "batchEngine", "incoming.list"],
  "s3:ListBucketVersions": ["objects", "batchEngine"],
  "s3:PutObject": ["objects.put", "objects.putFile", "objects.copy", "batchEngine"],
  "sagemaker:BatchGetRecord": ["onlineStore.read"],
  "sagemaker:BatchWriteRecord": ["onlineStore.write"],
  "sagemaker:DeleteRecord": ["onlineStore.delete"],
  "sagemaker:DescribeFeatureGroup": ["onlineStore.ensureGroup"],
  "sagemaker:GetRecord": ["onlineStore.delete"],
  "sagemaker:ListRecords": ["onlineStore.list"],
  "sagemaker:PutRecord": ["onlineStore.write"],
  "sagemaker:UpdateFeatureGroup": ["onlineStore.ensureGroup"],
  "secretsmanager:GetSecretValue": ["pseudonymiser", "sealer", "offlineFiles", "erasureFiles", "batchEngine"],
  "sns:Publish": ["pager.page"],
  "sqs:ChangeMessageVisibility": ["chunkQueue.listDeadLetters", "chunkQueue.redrive"],
  "sqs:SendMessage": ["chunkQueue.send", "chunkQueue.redrive"],
  "states:DescribeExecution": ["stateMachines.start", "stateMachines.resume"],
  "states:RedriveExecution": ["stateMachines.resume"],
  "states:StartExecution": ["stateMachines.start"],
  "states:StopExecution": ["stateMachines.stop"],
};
/** What Lambda asks of a role, or of one in a network, or of one that reads a queue, and Glue of a job's, whatever is called; and what
 * opens data, which keys.ts holds to the services. */
const ASKED_BY_AWS = /^(?:ec2|logs|xray):|^cloudwatch:PutMetricData$|^kms:(?:Decrypt|GenerateDataKey)$/;
const READS_QUEUE = /^sqs:(?:DeleteMessage|GetQueueAttributes|ReceiveMessage)$/;
const UNLOCKS = [
  "s3:BypassGovernanceRetention",
  "s3:DeleteObject",
  "s3:DeleteObjectVersion",
  "s3:PutObjectRetention",
];

type Needs = Readonly<Record<string, readonly string[]>>;

/** `steward-prod-upkeep-guard-hot` needs what `upkeep/guard-hot` does; all jobs run one bundle. */
function needsOf({ stage }: Graph, { type, inputs }: GraphResource): Needs | undefined {
  if (type === KIND.job) return NEEDS["batch/run-batch"];
  const name = String(inputs.name).replace(`steward-${stage}-`, "");
  return Object.entries(NEEDS).find(([file]) => file.replaceAll("/", "-") === name)?.[1];
}

const makes = (needs: Needs, call: string): boolean => {
  const [port = "", method] = call.split(".");
  return method === undefined ? port in needs : (needs[port] ?? []).includes(method);
};

function isFed(graph: Graph, { inputs }: GraphResource): boolean {
  return all(graph, KIND.eventSource).some((source) =>
    String(source.inputs.functionName).endsWith(`:${inputs.name}`),
  );
}

export const LEAST_PRIVILEGE_RULES: readonly GraphRule[] = [
  rule(
    "a function or job may do nothing that no call of its own bundle takes",
    those(KIND.function, KIND.job),
    (resource, graph) => {
      const needs = needsOf(graph, resource);
      if (needs === undefined) return ["is not in stacks/needs.json"];
      const readsQueue = isFed(graph, resource) || "chunkQueue" in needs;
      return allowedBy(graph, resource.inputs.role ?? resource.inputs.roleArn)
        .flatMap(({ Action }) => toList(Action))
        .filter((action) => !ASKED_BY_AWS.test(action) && !(readsQueue && READS_QUEUE.test(action)))
        .filter((action) => !(TAKEN_FOR[action] ?? []).some((call) => makes(needs, call)))
        .map((action) => `may ${action}, and calls nothing that takes it`);
    },
  ),
  rule(
    "a function that reads the hot store alone signs in as nobody who writes",
    those(KIND.function),
    (resource, graph) => {
      const { hotStore = [], pacer } = needsOf(graph, resource) ?? {};
      if (pacer !== undefined || hotStore.some((method) => method !== "read")) return [];
      return allowedBy(graph, resource.inputs.role)
        .filter(({ Action }) => toList(Action).includes("elasticache:Connect"))
        .flatMap(({ Resource }) => toList(Resource))
        .filter((user) => user.includes(":user:") && !user.endsWith("-reader"))
        .map((user) => `may sign in as ${user.split(":").at(-1)}`);
    },
  ),
  rule("nobody removes evidence, or takes a lock from it", those(KIND.role), (role, graph) => {
    const object = `arn:aws:s3:::steward-${graph.stage}-evidence-${ACCOUNT}/any`;
    // Whatever the condition: a lock that holds under one is none.
    const allowed = roleStatements(graph, role)
      .filter(({ Effect }) => Effect === "Allow")
      .map(({ Condition, ...statement }) => statement);
    return UNLOCKS.filter((action) => isAllowed(allowed, { action, resource: object })).map(
      (action) => `may ${action}`,
    );
  }),
  rule(
    "what Lambda does to the network with a function's role the function itself may not",
    inNetwork,
    (resource, graph) => {
      const own = all(graph, KIND.rolePolicy).filter(({ inputs }) =>
        resource.inputs.role.endsWith(`role/${inputs.role}`),
      );
      const denied = own
        .flatMap(({ inputs }) => statementsOf(inputs.policy))
        .filter(
          ({ Effect, Condition }) =>
            Effect === "Deny" &&
            toList(Condition?.ArnEquals?.["lambda:SourceFunctionArn"]).includes(functionArn(resource)),
        )
        .flatMap(({ Action }) => toList(Action));
      return own
        .flatMap(allowsOf)
        .flatMap(({ Action }) => toList(Action))
        .filter((action) => action.startsWith("ec2:") && !denied.includes(action))
        .map((action) => `may itself call ${action}`);
    },
  ),
];
