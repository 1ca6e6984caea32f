// How resources of a graph point at one another: by ARNs of the account that account-answers.mjs stands for.

import { all, type Graph, type GraphResource, roleStatements, type Statement } from "../graph.ts";
import { KIND } from "./kinds.ts";

export const ACCOUNT = "123456789012";
export const REGION = "us-east-1";

export function arn(service: string, rest: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
}

export const functionArn = ({ inputs }: GraphResource): string => arn("lambda", `function:${inputs.name}`);
export const queueArn = ({ inputs }: GraphResource): string => arn("sqs", inputs.name);
export const keyArn = ({ id }: GraphResource): string => arn("kms", `key/${id}`);
export const groupArn = ({ inputs }: GraphResource): string =>
  arn("sagemaker", `feature-group/${inputs.featureGroupName}`);
export const userArn = ({ inputs }: GraphResource): string => arn("elasticache", `user:${inputs.userId}`);

export const roleArn = ({ id }: GraphResource): string => `arn:aws:iam::${ACCOUNT}:role/${id}`;

export function findFunction(graph: Graph, named: unknown): GraphResource | undefined {
  return all(graph, KIND.function).find((each) => functionArn(each) === named || each.inputs.name === named);
}

export function findRole(graph: Graph, named: unknown): GraphResource | undefined {
  return all(graph, KIND.role).find((role) => roleArn(role) === named);
}

/** What the role at this ARN is allowed; nothing when there is none. */
export function allowedBy(graph: Graph, named: unknown): readonly Statement[] {
  const role = findRole(graph, named);
  if (role === undefined) return [];
  return roleStatements(graph, role).filter(({ Effect }) => Effect === "Allow");
}

/** Whether it is the ARN of a key that this stage made. */
export function isOwnKey(graph: Graph, keyId: unknown): boolean {
  return all(graph, KIND.key).some((key) => keyArn(key) === keyId);
}

/** Those of the stage's log groups that never forget are faults of data.ts. */
export function hasLogGroup(graph: Graph, name: unknown): boolean {
  return all(graph, KIND.logGroup).some(({ inputs }) => inputs.name === name);
}
