// Decides which handler stands behind each resource of the workflows here: Lambda functions and the Glue job, in process.

import { ERASURE, type Json, REBUILD, REFRESH, REMEDIATION, REPLAY } from "@steward/core";
import { runBatch } from "@steward/functions/_runtime/batch.ts";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { withScope } from "@steward/functions/_runtime/scope.ts";
import type { TaskHandler } from "@steward/functions/_runtime/task.ts";
import { TASKS, WORKFLOWS, type Workflow, type WorkflowResources } from "@steward/workflows/inventory.ts";
import * as erasure from "./erasure-handlers.ts";
import * as rebuild from "./rebuild-handlers.ts";
import * as refresh from "./refresh-handlers.ts";
import * as remediation from "./remediation-handlers.ts";
import * as replay from "./replay-handlers.ts";

const HANDLERS: {
  readonly [W in Workflow]: Readonly<Record<(typeof TASKS)[W][number], TaskHandler>>;
} = {
  [REFRESH]: refresh,
  [REBUILD]: rebuild,
  [REPLAY]: replay,
  [ERASURE]: erasure,
  [REMEDIATION]: remediation,
};

const functionResource = (workflow: Workflow, task: string): string =>
  `arn:aws:lambda:local:000000000000:function:${workflow}-${task}`;
const BATCH_RESOURCE = "arn:aws:states:::glue:startJobRun.sync";

/** By what the state machines name their functions and jobs here. */
export const LOCAL_RESOURCES: WorkflowResources = {
  functionOf: functionResource,
  runBatch: BATCH_RESOURCE,
  glueJobsOf: (workflow) => `steward-${workflow}`,
};

/** By resource, what the interpreter calls. `scopeOf`: the adapters that a function works with; default: the same for all. */
export function taskHandlers(
  scope: Scope,
  scopeOf: (workflow: Workflow, task: string) => Scope = () => scope,
): Readonly<Record<string, (input: Json) => Promise<Json>>> {
  const tasks: Record<string, (input: Json) => Promise<Json>> = {
    [BATCH_RESOURCE]: async (input) =>
      withScope(scope, () => runBatch((input as { Arguments: Record<string, string> }).Arguments)),
  };
  for (const workflow of WORKFLOWS) {
    const handlers: Readonly<Record<string, TaskHandler>> = HANDLERS[workflow];
    for (const task of TASKS[workflow]) {
      const handler = handlers[task];
      if (handler === undefined) continue; // never: the type has all of them
      tasks[functionResource(workflow, task)] = async (input) =>
        (await withScope(scopeOf(workflow, task), () => handler(input, {}))) as Json;
    }
  }
  return tasks;
}
