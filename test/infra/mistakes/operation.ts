// Mistakes in what runs: functions, state machines, queues, schedules, the API, alarms.

import { KIND } from "../rules/kinds.ts";
import { allow, change, changePolicy, changeState, copy, type Mistakes, without } from "./plant.ts";

const CALL = "arn:aws:lambda:us-east-1:123456789012:function:steward-prod";

export const FUNCTION_MISTAKES: Mistakes = {
  "every function runs by Node 24 on arm64, is traced, and ends within a quarter of an hour": {
    "a function runs by an old Node": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.runtime = "nodejs20.x";
    }),
    "a function runs on another processor": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.architectures = ["x86_64"];
    }),
    "a function is not traced": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.tracingConfig.mode = "PassThrough";
    }),
    "a function may take an hour": change(KIND.function, "Function-erasure-erase-events", (inputs) => {
      inputs.timeout = 3_600;
    }),
  },
  "every function has a log of its own": {
    "a function's log was not made": without(KIND.logGroup, "Logs-api-run-get"),
    "two functions share a log": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.loggingConfig.logGroup = "/aws/lambda/steward-prod-api-run-cancel";
    }),
  },
  "no function or job is told a secret, only where it lies": {
    "a function is told a key's bytes": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.environment.variables.STEWARD_SEED =
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    }),
    "a function is told a password": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.environment.variables.STEWARD_HOT = "rediss://steward:hunter2@hot.example.com:6379";
    }),
    "a function is told the suppression secret itself": change(
      KIND.function,
      "Function-api-run-get",
      (inputs) => {
        inputs.environment.variables.STEWARD_SUPPRESSION_SECRET = "correct horse battery staple";
      },
    ),
    "a job is told an access key": change(KIND.job, "Job-refresh-customer-purchases", (inputs) => {
      inputs.defaultArguments["--environment"] = JSON.stringify({ AWS_ID: "AKIAIOSFODNN7EXAMPLE" });
    }),
  },
  "what a function is told fits Lambda, by names that Lambda leaves to it": {
    "a function is told its Region": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.environment.variables.AWS_REGION = "us-east-1";
    }),
    "a function is told too much": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.environment.variables.STEWARD_SETTINGS = "{ }".repeat(1_400);
    }),
  },
  "no function or job outlives what waits for it": {
    "a route gives its function up": change(KIND.integration, "Integration-run-get", (inputs) => {
      inputs.timeoutMilliseconds = 10_000;
    }),
    "a state gives its function up": changeState("Workflow-refresh", "Plan refresh", (task) => {
      task.TimeoutSeconds = 60;
    }),
    "a job runs on when its state has given it up": change(
      KIND.job,
      "Job-refresh-customer-purchases",
      (inputs) => {
        inputs.timeout = 2_880;
      },
    ),
  },
  "every function and job is called by something here": {
    "a function is called by nothing": without(KIND.integration, "Integration-run-get"),
  },
};

export const WORKFLOW_MISTAKES: Mistakes = {
  "every machine is valid, and each of its ways leads to a state that there is": {
    "a state leads to none": changeState("Workflow-refresh", "Check output", (task) => {
      task.Next = "Publish everywhere";
    }),
    "a state leads nowhere": changeState("Workflow-refresh", "Check output", (task) => {
      delete task.Next;
    }),
    "a state is never reached": changeState("Workflow-refresh", "Check output", (task) => {
      task.Next = "Enqueue chunks";
    }),
  },
  "every task ends in time, is tried again, and leads somewhere when it fails": {
    "a task is not tried again": changeState("Workflow-replay", "Replay stream", (task) => {
      delete task.Retry;
    }),
    "a task waits for ever": changeState("Workflow-replay", "Replay stream", (task) => {
      delete task.TimeoutSeconds;
    }),
    "a task's failure ends the run": changeState("Workflow-replay", "Replay stream", (task) => {
      delete task.Catch;
    }),
  },
  "a task waits for minutes until Lambda has a function ready that it put to rest": {
    "a task gives up at once": changeState("Workflow-erasure", "Hard delete", (task) => {
      task.Retry = task.Retry?.slice(1) ?? [];
    }),
    "a task waits for a network alone": changeState("Workflow-rebuild", "Plan rebuild", (task) => {
      const [first, ...rest] = task.Retry ?? [];
      if (first !== undefined)
        task.Retry = [{ ...first, ErrorEquals: ["Lambda.ResourceNotReadyException"] }, ...rest];
    }),
    "a task gives up after seconds": changeState("Workflow-replay", "Replay stream", (task) => {
      task.Retry = task.Retry?.map((retrier) => ({ ...retrier, MaxAttempts: 4 })) ?? [];
    }),
  },
  "every task calls a function or a job that is here": {
    "a definition names a function that is not here": changeState(
      "Workflow-refresh",
      "Plan refresh",
      (task) => {
        task.Resource = `${CALL}-refresh-plan-everything`;
      },
    ),
    "a group has no job": without(KIND.job, "Job-refresh-customer-purchases"),
    "a task names its job by a word that nobody knows": changeState(
      "Workflow-rebuild",
      "Snapshot records",
      (task) => {
        task.Parameters = { ...task.Parameters, "JobName.$": "$.job" };
      },
    ),
  },
  "every machine may call what it calls, and nothing else": {
    "a machine may not call one of its functions": changePolicy(
      KIND.rolePolicy,
      "WorkflowPolicy-replay",
      (old) => old.slice(1),
    ),
    "a machine may call another's function": allow(
      "WorkflowPolicy-replay",
      "lambda:InvokeFunction",
      `${CALL}-erasure-hard-delete`,
    ),
    "a machine may start another's job": allow(
      "WorkflowPolicy-replay",
      "glue:StartJobRun",
      "arn:aws:glue:us-east-1:123456789012:job/steward-prod-refresh-customer-purchases",
    ),
  },
  "every machine is traced, and logs each step without what is passed": {
    "a machine logs what is passed": change(KIND.machine, "Workflow-erasure", (inputs) => {
      inputs.loggingConfiguration.includeExecutionData = true;
    }),
    "a machine logs errors alone": change(KIND.machine, "Workflow-erasure", (inputs) => {
      inputs.loggingConfiguration.level = "ERROR";
    }),
    "a machine is not traced": change(KIND.machine, "Workflow-erasure", (inputs) => {
      delete inputs.tracingConfiguration;
    }),
  },
  "every machine is published, and started by an alias on one version of it": {
    "a machine is not published": change(KIND.machine, "Workflow-erasure", (inputs) => {
      inputs.publish = false;
    }),
    "an alias splits its starts": change(KIND.machineAlias, "WorkflowAlias-erasure", (inputs) => {
      inputs.routingConfigurations[0].weight = 50;
    }),
  },
};

export const MESSAGE_MISTAKES: Mistakes = {
  "every queue is encrypted": {
    "a queue is not encrypted": change(KIND.queue, "RuleLetters", (inputs) => {
      inputs.sqsManagedSseEnabled = false;
    }),
  },
  "every queue is read by a function, or holds dead letters": {
    "a queue is read by nothing": without(KIND.eventSource, "ChunkSource"),
  },
  "what a function cannot take goes to a queue of dead letters": {
    "the queue of chunks has no dead letters": change(KIND.queue, "Queue-chunks", (inputs) => {
      delete inputs.redrivePolicy;
    }),
    "one failure is the last": change(KIND.queue, "Queue-chunks", (inputs) => {
      inputs.redrivePolicy = JSON.stringify({ ...JSON.parse(inputs.redrivePolicy), maxReceiveCount: 1 });
    }),
    "dead letters are forgotten sooner": change(KIND.queue, "Queue-chunk-dead-letters", (inputs) => {
      inputs.messageRetentionSeconds = 86_400;
    }),
  },
  "every queue of dead letters wakes somebody, and is read": {
    "dead letters wake nobody": without(KIND.alarm, "ChunkDeadLettersAlarm"),
    "a new queue of dead letters has no alarm and no reader": (graph) =>
      change(KIND.eventTarget, "TamperingTarget", (inputs) => {
        inputs.deadLetterConfig.arn = "arn:aws:sqs:us-east-1:123456789012:steward-prod-others";
      })(
        copy(KIND.queue, "RuleLetters", "Others", (inputs) => {
          inputs.name = "steward-prod-others";
        })(graph),
      ),
  },
  "a queue hides a message for six times as long as its function may take": {
    "a chunk is seen again while it is written": change(KIND.queue, "Queue-chunks", (inputs) => {
      inputs.visibilityTimeoutSeconds = 90;
    }),
    "the worker may take longer": change(KIND.function, "Function-writing-write-chunks", (inputs) => {
      inputs.timeout = 300;
    }),
  },
  "a function takes messages of a stated number at once, and hands back those alone that failed": {
    "one failed chunk brings all back": change(KIND.eventSource, "ChunkSource", (inputs) => {
      delete inputs.functionResponseTypes;
    }),
    "workers are without number": change(KIND.eventSource, "ChunkSource", (inputs) => {
      delete inputs.scalingConfig;
    }),
  },
  "what a rule of EventBridge cannot deliver it tries again, then leaves in a queue": {
    "a rule has no queue of dead letters": change(KIND.eventTarget, "RemediationTarget", (inputs) => {
      delete inputs.deadLetterConfig;
    }),
    "a rule tries once": change(KIND.eventTarget, "RemediationTarget", (inputs) => {
      inputs.retryPolicy.maximumRetryAttempts = 0;
    }),
  },
};
