// Decides how the API stands in API Gateway: an HTTP API, a function behind each route, nobody without a signature of this
// account, throttled, and logged without paths or parameters. Who called what is in the audit of functions/.

import { thisAccount } from "./account.ts";
import { API_ROUTES } from "./function-list.ts";
import type { Functions } from "./functions.ts";
import { named } from "./names.ts";

export interface ApiSettings {
  /** Requests a second over all routes, and how many may come at once. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly logDays: number;
}

/** Route, not path: a path may hold what somebody typed. */
const LOGGED = {
  at: "$context.requestTimeEpoch",
  requestId: "$context.requestId",
  route: "$context.routeKey",
  status: "$context.status",
  latencyMs: "$context.responseLatency",
  principal: "$context.identity.userArn",
  error: "$context.error.responseType",
};

export function createApi(functions: Functions, settings: ApiSettings) {
  const api = new aws.apigatewayv2.Api("Api", {
    name: named("api"),
    protocolType: "HTTP",
    description: `${$app.name}/${$app.stage}: refreshes, rebuilds, erasures`,
  });
  const { arn } = thisAccount();
  for (const [file, { definition }] of Object.entries(API_ROUTES)) {
    const key = definition.routeKey;
    const called = functions.get(`api/${file}`);
    const integration = new aws.apigatewayv2.Integration(`Integration-${file}`, {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationUri: called.arn,
      payloadFormatVersion: "2.0",
      timeoutMilliseconds: 30_000,
    });
    new aws.apigatewayv2.Route(`Route-${file}`, {
      apiId: api.id,
      routeKey: key,
      target: $interpolate`integrations/${integration.id}`,
      authorizationType: "AWS_IAM",
    });
    new aws.lambda.Permission(`ApiPermission-${file}`, {
      statementId: "Api",
      action: "lambda:InvokeFunction",
      function: called.name,
      principal: "apigateway.amazonaws.com",
      // Any stage, this route alone: `api-id/stage/METHOD/path`, a parameter of the path as a star.
      sourceArn: arn("execute-api", $interpolate`${api.id}/*/${toArnPath(key)}`),
    });
  }
  const logs = new aws.cloudwatch.LogGroup("ApiLogs", {
    name: `/aws/vendedlogs/apis/${named("api")}`,
    retentionInDays: settings.logDays,
  });
  new aws.apigatewayv2.Stage("ApiStage", {
    apiId: api.id,
    name: "$default",
    autoDeploy: true,
    accessLogSettings: { destinationArn: logs.arn, format: JSON.stringify(LOGGED) },
    defaultRouteSettings: {
      throttlingRateLimit: settings.requestsPerSecond,
      throttlingBurstLimit: settings.burst,
      detailedMetricsEnabled: true,
    },
  });
  return { api };
}

/** `GET /runs/{id}` is `GET/runs/*`. */
function toArnPath(routeKey: string): string {
  return routeKey.replace(" ", "").replaceAll(/\{[^}]+\}/g, "*");
}
