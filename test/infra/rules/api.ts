// Rules of the API: nobody without a signature, throttled, logged without what somebody typed, and a function lets in its own route.

import { all, type Graph, type GraphResource } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { arn, findFunction, hasLogGroup } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";

/** What a caller typed, or where he sits. */
const TYPED =
  /\$context\.(?:path|rawPath|protocol|domainName|identity\.(?:sourceIp|userAgent)|authorizer)|querystring|header/i;

const integrationOf = (graph: Graph, { inputs }: GraphResource): GraphResource | undefined =>
  all(graph, KIND.integration).find(({ id }) => inputs.target === `integrations/${id}`);

/** The route as a permission names it: any stage, then the method and the path, a star for each parameter. */
const sourceOf = ({ inputs }: GraphResource): string =>
  arn("execute-api", `${inputs.apiId}/*/${inputs.routeKey.replace(" ", "").replaceAll(/\{[^}]+\}/g, "*")}`);

const permissionsOf = (graph: Graph, called: GraphResource | undefined): readonly GraphResource[] =>
  all(graph, KIND.permission).filter(
    ({ inputs }) =>
      inputs.principal === "apigateway.amazonaws.com" && findFunction(graph, inputs.function) === called,
  );

export const API_RULES: readonly GraphRule[] = [
  rule("every route asks for a signature of this account", those(KIND.route), ({ inputs }) => [
    inputs.authorizationType !== "AWS_IAM" && `lets in ${inputs.authorizationType ?? "anybody"}`,
    inputs.routeKey === "$default" && "takes whatever no other route takes",
  ]),
  rule("every route calls a function that lets in this route alone", those(KIND.route), (route, graph) => {
    const called = findFunction(graph, integrationOf(graph, route)?.inputs.integrationUri);
    const sources = permissionsOf(graph, called).map(({ inputs }) => inputs.sourceArn);
    const others = sources.filter((source) => source !== sourceOf(route));
    return [
      called === undefined && "calls no function that is here",
      called !== undefined && !sources.includes(sourceOf(route)) && `may not call ${called.name}`,
      ...others.map((source) => `shares ${called?.name} with ${source}`),
    ];
  }),
  rule("no function lets in a route that is not here", those(KIND.permission), ({ inputs }, graph) => [
    inputs.principal === "apigateway.amazonaws.com" &&
      !all(graph, KIND.route).some((route) => sourceOf(route) === inputs.sourceArn) &&
      `lets in ${inputs.sourceArn}`,
  ]),
  rule("the API is throttled", those(KIND.apiStage), ({ inputs }) => [
    !(inputs.defaultRouteSettings?.throttlingRateLimit > 0) && "has no limit of requests a second",
    !(inputs.defaultRouteSettings?.throttlingBurstLimit > 0) && "has no limit of requests at once",
  ]),
  rule(
    "the API logs who asked for which route, and nothing that somebody typed",
    those(KIND.apiStage),
    ({ inputs }, graph) => {
      const { destinationArn = "", format = "" } = inputs.accessLogSettings ?? {};
      return [
        !hasLogGroup(graph, /:log-group:(.+)$/.exec(destinationArn)?.[1]) && "logs to no group that is here",
        !format.includes("$context.routeKey") && "does not log the route",
        !format.includes("$context.identity.userArn") && "does not log who asked",
        TYPED.test(format) && `logs what somebody typed, or where from: ${TYPED.exec(format)?.[0]}`,
      ];
    },
  ),
];
