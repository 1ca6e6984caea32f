// Mistakes in what is called from outside or by the clock, and in who hears of what went wrong.

import { KIND } from "../rules/kinds.ts";
import { allow, change, changePolicy, copy, type Mistakes, without } from "./plant.ts";

const CALL = "arn:aws:lambda:us-east-1:123456789012:function:steward-prod";

export const SCHEDULE_MISTAKES: Mistakes = {
  "every schedule calls a function that is here, by a role that may call it": {
    "a schedule calls a function that is not here": change(
      KIND.schedule,
      "Schedule-upkeep-guard-hot",
      (inputs) => {
        inputs.target.arn = `${CALL}-upkeep-guard-cold`;
      },
    ),
    "a schedule may not call": changePolicy(KIND.rolePolicy, "SchedulePolicy", () => []),
  },
  "the role of schedules may call what they call, and do nothing else": {
    "schedules may cancel runs": allow("SchedulePolicy", "lambda:InvokeFunction", `${CALL}-api-run-cancel`),
    "schedules may start machines": allow(
      "SchedulePolicy",
      "states:StartExecution",
      "arn:aws:states:us-east-1:123456789012:stateMachine:steward-prod-refresh",
    ),
  },
  "a call that comes late is dropped before the next one is due": {
    "a schedule tries for a day": change(KIND.schedule, "Schedule-upkeep-guard-hot", (inputs) => {
      delete inputs.target.retryPolicy;
    }),
    "Lambda queues a late call for hours": without(KIND.invokeConfig, "Invoke-upkeep-guard-hot"),
  },
  "a schedule is on, in this stage's own group": {
    "a schedule is off": change(KIND.schedule, "Schedule-upkeep-guard-hot", (inputs) => {
      inputs.state = "DISABLED";
    }),
  },
  "what a rule of EventBridge calls is here, and lets that rule in": {
    "a rule may not call": without(KIND.permission, "RemediationPermission"),
    "a rule calls what is not here": change(KIND.eventTarget, "RemediationTarget", (inputs) => {
      inputs.arn = `${CALL}-upkeep-attend`;
    }),
  },
};

export const API_MISTAKES: Mistakes = {
  "every route asks for a signature of this account": {
    "a route is open": change(KIND.route, "Route-erasures-create", (inputs) => {
      inputs.authorizationType = "NONE";
    }),
    "a route takes whatever comes": change(KIND.route, "Route-run-get", (inputs) => {
      inputs.routeKey = "$default";
    }),
  },
  "every route calls a function that lets in this route alone": {
    "a route may not call its function": without(KIND.permission, "ApiPermission-run-get"),
    "two routes share a function": change(KIND.integration, "Integration-run-get", (inputs) => {
      inputs.integrationUri = `${CALL}-api-run-cancel`;
    }),
    "a function lets every route in": change(KIND.permission, "ApiPermission-run-get", (inputs) => {
      inputs.sourceArn = "arn:aws:execute-api:us-east-1:123456789012:steward-prod-api/*/*/*";
    }),
  },
  "no function lets in a route that is not here": {
    "a removed route left its permission": without(KIND.route, "Route-run-get"),
    "a permission is left over": copy(
      KIND.permission,
      "ApiPermission-run-get",
      "ApiPermission-old",
      (inputs) => {
        inputs.sourceArn = "arn:aws:execute-api:us-east-1:123456789012:steward-prod-api/*/GET/old";
      },
    ),
  },
  "the API is throttled": {
    "the API takes any number of requests": change(KIND.apiStage, "ApiStage", (inputs) => {
      delete inputs.defaultRouteSettings.throttlingRateLimit;
    }),
  },
  "the API logs who asked for which route, and nothing that somebody typed": {
    "the API logs the path": change(KIND.apiStage, "ApiStage", (inputs) => {
      inputs.accessLogSettings.format = inputs.accessLogSettings.format.replace(
        "{",
        '{"path":"$context.path",',
      );
    }),
    "the API logs addresses": change(KIND.apiStage, "ApiStage", (inputs) => {
      inputs.accessLogSettings.format = inputs.accessLogSettings.format.replace(
        "{",
        '{"ip":"$context.identity.sourceIp",',
      );
    }),
    "the API logs nothing": change(KIND.apiStage, "ApiStage", (inputs) => {
      delete inputs.accessLogSettings;
    }),
  },
};

export const ALARM_MISTAKES: Mistakes = {
  "every alarm tells a topic of this stage when it goes on and when it goes off": {
    "an alarm tells nobody": change(KIND.alarm, "ChunkDeadLettersAlarm", (inputs) => {
      inputs.alarmActions = [];
    }),
    "an alarm tells another stage": change(KIND.alarm, "ChunkDeadLettersAlarm", (inputs) => {
      inputs.alarmActions = ["arn:aws:sns:us-east-1:123456789012:steward-dev-pages"];
    }),
    "an alarm is silenced": change(KIND.alarm, "ChunkDeadLettersAlarm", (inputs) => {
      inputs.actionsEnabled = false;
    }),
  },
  "every alarm names a runbook, and a heading that is on it": {
    "an alarm names a heading that is not there": change(KIND.alarm, "ApiErrorsAlarm", (inputs) => {
      inputs.alarmDescription = "the API fails. Runbook: docs/runbooks/api.md#the-api-answers-4xx";
    }),
    "an alarm names a page that is not there": change(KIND.alarm, "ApiErrorsAlarm", (inputs) => {
      inputs.alarmDescription = "the API fails. Runbook: docs/runbooks/http.md#the-api-answers-5xx";
    }),
  },
  "every alarm says what silence means": {
    "an alarm waits for data that may never come": change(KIND.alarm, "ApiErrorsAlarm", (inputs) => {
      inputs.treatMissingData = "missing";
    }),
  },
  "somebody hears when a workflow fails, runs out of time or is aborted": {
    "nobody hears when an erasure fails": without(KIND.alarm, "WorkflowFailedErasureAlarm"),
    "nobody hears when a refresh runs out of time": change(
      KIND.alarm,
      "WorkflowFailedRefreshAlarm",
      (inputs) => {
        inputs.metricQueries = inputs.metricQueries.filter(
          ({ id }: { readonly id: string }) => id !== "late",
        );
      },
    ),
  },
  "somebody hears when what a schedule calls fails, and when it is not called": {
    "nobody hears when the guard stands still": without(KIND.alarm, "StandsStillGuardHotAlarm"),
    "nobody hears when the guard fails": without(KIND.alarm, "FunctionErrorsGuardHotAlarm"),
  },
  "somebody hears when what reads a queue fails": {
    "nobody hears when the worker fails": without(KIND.alarm, "FunctionErrorsWriteChunksAlarm"),
  },
  "somebody hears when the readers of a stream fall behind": {
    "nobody hears when a stream is not read": without(KIND.alarm, "StreamAgeActivityAlarm"),
  },
};
