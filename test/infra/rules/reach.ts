// Rules of what stands in the network: each function there reaches the services that it calls, and the hot store, by ways that are
// there.

import { all, type Graph, type GraphResource, toList } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { allowedBy, REGION } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";

/** By what an action begins with, the endpoint of its service; the first that fits. */
const ENDPOINTS: readonly (readonly [RegExp, string])[] = [
  [/^cloudwatch:/, "monitoring"],
  [/^dynamodb:/, "dynamodb"],
  [/^kinesis:/, "kinesis-streams"],
  [/^kms:(?:Sign|GetPublicKey)$/, "kms"],
  [/^s3:/, "s3"],
  [/^sagemaker:(?:BatchGet|BatchWrite|Delete|Get|List|Put)Records?$/, "sagemaker.featurestore-runtime"],
  [/^sagemaker:/, "sagemaker.api"],
  [/^secretsmanager:/, "secretsmanager"],
  [/^sns:/, "sns"],
  [/^sqs:/, "sqs"],
  [/^states:/, "states"],
];
/** What no function calls over the network, and why. */
const NOT_CALLED: readonly (readonly [RegExp, string])[] = [
  [/^ec2:/, "Lambda does, for the function's interfaces"],
  [/^elasticache:Connect$/, "it is asked of whoever signs in at the cluster, which lies in the network"],
  [/^kms:(?:Decrypt|GenerateDataKey)$/, "the service that the key is used through does (keys.ts)"],
  [/^logs:/, "Lambda does, from outside the network"],
  [/^xray:/, "Lambda does, from outside the network"],
];

/** Endpoints that no function in the network calls, and why they are there. */
export const SPARE_ENDPOINTS: Readonly<Record<string, string>> = {};

export const inNetwork = (graph: Graph): readonly GraphResource[] =>
  all(graph, KIND.function).filter(({ inputs }) => inputs.vpcConfig !== undefined);

const actionsOf = (graph: Graph, { inputs }: GraphResource): readonly string[] =>
  allowedBy(graph, inputs.role).flatMap(({ Action }) => toList(Action));

/** Endpoints that a function with these subnets and groups comes through to. */
function reachedBy(graph: Graph, { inputs }: GraphResource): ReadonlySet<string> {
  const { subnetIds, securityGroupIds } = inputs.vpcConfig;
  const tables = all(graph, KIND.routeTableAssociation).filter((each) =>
    subnetIds.includes(each.inputs.subnetId),
  );
  const reached = all(graph, KIND.endpoint).filter(({ id, inputs: endpoint }) =>
    endpoint.vpcEndpointType === "Gateway"
      ? tables.length === subnetIds.length &&
        tables.every((each) => endpoint.routeTableIds?.includes(each.inputs.routeTableId)) &&
        mayLeave(graph, securityGroupIds, { prefixListId: `pl-${String(id).replace("vpcendpoint-", "")}` })
      : endpoint.privateDnsEnabled === true &&
        subnetIds.every((subnet: string) => endpoint.subnetIds?.includes(subnet)) &&
        toList<string>(endpoint.securityGroupIds).some((group) =>
          mayEnter(graph, securityGroupIds, group, 443),
        ),
  );
  return new Set(
    reached.map(({ inputs: { serviceName } }) => serviceName.replace(`com.amazonaws.${REGION}.`, "")),
  );
}

/** Whether one of the groups has a way out to what the end says. */
function mayLeave(graph: Graph, groups: readonly string[], end: Readonly<Record<string, string>>): boolean {
  return all(graph, KIND.egress).some(
    ({ inputs }) =>
      groups.includes(inputs.securityGroupId) &&
      Object.entries(end).every(([key, value]) => inputs[key] === value),
  );
}

function mayEnter(graph: Graph, from: readonly string[], to: string, port: number): boolean {
  const isOpen = all(graph, KIND.ingress).some(
    ({ inputs }) =>
      inputs.securityGroupId === to &&
      from.includes(inputs.referencedSecurityGroupId) &&
      inputs.fromPort <= port &&
      port <= inputs.toPort,
  );
  return isOpen && mayLeave(graph, from, { referencedSecurityGroupId: to });
}

/** Names of the endpoints that a function calls by what it may do; undefined for an action whose endpoint is not known. */
const endpointsFor = (
  graph: Graph,
  resource: GraphResource,
): readonly (readonly [string, string | undefined])[] =>
  actionsOf(graph, resource)
    .filter((action) => !NOT_CALLED.some(([pattern]) => pattern.test(action)))
    .map((action) => [action, ENDPOINTS.find(([pattern]) => pattern.test(action))?.[1]]);

export const REACH_RULES: readonly GraphRule[] = [
  rule("a function in the network reaches each service that it may call", inNetwork, (resource, graph) => {
    const reached = reachedBy(graph, resource);
    return endpointsFor(graph, resource).flatMap(([action, endpoint]) => [
      endpoint === undefined && `may call ${action}, of which no endpoint is known`,
      endpoint !== undefined &&
        !reached.has(endpoint) &&
        `may call ${action}, and reaches no endpoint ${endpoint}`,
    ]);
  }),
  rule(
    "every endpoint is called by a function in the network, or SPARE_ENDPOINTS says why not",
    those(KIND.endpoint),
    (resource, graph) => {
      const called = inNetwork(graph).flatMap((each) =>
        endpointsFor(graph, each).map(([, endpoint]) => endpoint),
      );
      const isCalled = called.some(
        (endpoint) => resource.inputs.serviceName === `com.amazonaws.${REGION}.${endpoint}`,
      );
      return [
        !isCalled && !(resource.name in SPARE_ENDPOINTS) && "is called by nothing, and costs by the hour",
      ];
    },
  ),
  rule(
    "who signs in at the hot store stands in the network, beside it, and nobody else does",
    those(KIND.function),
    (resource, graph) => {
      const signsIn = actionsOf(graph, resource).includes("elasticache:Connect");
      const { securityGroupIds = [] } = resource.inputs.vpcConfig ?? {};
      const reaches = all(graph, KIND.cluster).every(({ inputs }) =>
        toList<string>(inputs.securityGroupIds).some((group) =>
          mayEnter(graph, securityGroupIds, group, inputs.port),
        ),
      );
      return [
        signsIn && !reaches && "signs in at the hot store, and does not reach it",
        !signsIn && securityGroupIds.length > 0 && "stands in the network without need",
      ];
    },
  ),
];
