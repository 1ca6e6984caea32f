// Decides which handler stands behind each resource of the workflows here: Lambda functions and the Glue job, in process.

import { appendEvents, computeFeatures, InvalidInputError, type Json, snapshotOffline } from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { withScope } from "@steward/functions/_runtime/scope.ts";
import type { TaskHandler } from "@steward/functions/_runtime/task.ts";
import type { ErasureTasks } from "@steward/workflows/erasure.ts";
import type { RebuildTasks } from "@steward/workflows/rebuild.ts";
import type { RefreshTasks } from "@steward/workflows/refresh.ts";
import type { RemediationTasks } from "@steward/workflows/remediation.ts";
import type { ReplayTasks } from "@steward/workflows/replay.ts";
import * as erasure from "./erasure-handlers.ts";
import * as rebuild from "./rebuild-handlers.ts";
import * as refresh from "./refresh-handlers.ts";
import * as remediation from "./remediation-handlers.ts";
import * as replay from "./replay-handlers.ts";

type Handlers<Tasks> = Readonly<Record<Exclude<keyof Tasks, "runBatch">, TaskHandler>>;

const refreshHandlers: Handlers<RefreshTasks> = refresh;
const rebuildHandlers: Handlers<RebuildTasks> = rebuild;
const replayHandlers: Handlers<ReplayTasks> = replay;
const erasureHandlers: Handlers<ErasureTasks> = erasure;
const remediationHandlers: Handlers<RemediationTasks> = remediation;
const HANDLERS: Readonly<Record<string, Readonly<Record<string, TaskHandler>>>> = {
  refresh: refreshHandlers,
  rebuild: rebuildHandlers,
  replay: replayHandlers,
  erasure: erasureHandlers,
  remediation: remediationHandlers,
};

const functionResource = (workflow: string, name: string): string =>
  `arn:aws:lambda:local:000000000000:function:${workflow}-${name}`;
const BATCH_RESOURCE = "arn:aws:states:::glue:startJobRun.sync";

/** The resources by which the refresh names its tasks here. */
export function refreshTasks(): RefreshTasks {
  return { ...named("refresh", refreshHandlers), runBatch: BATCH_RESOURCE };
}

/** The resources by which the rebuild names its tasks here. */
export function rebuildTasks(): RebuildTasks {
  return { ...named("rebuild", rebuildHandlers), runBatch: BATCH_RESOURCE };
}

/** The resources by which the replay names its tasks here. */
export function replayTasks(): ReplayTasks {
  return named("replay", replayHandlers);
}

/** The resources by which the erasure names its tasks here. */
export function erasureTasks(): ErasureTasks {
  return named("erasure", erasureHandlers);
}

/** The resources by which the remediation names its tasks here. */
export function remediationTasks(): RemediationTasks {
  return named("remediation", remediationHandlers);
}

function named<K extends string>(
  workflow: string,
  handlers: Readonly<Record<K, TaskHandler>>,
): Record<K, string> {
  const names = Object.keys(handlers) as K[];
  return Object.fromEntries(names.map((name) => [name, functionResource(workflow, name)])) as Record<
    K,
    string
  >;
}

/** By resource, what the interpreter calls. */
export function taskHandlers(scope: Scope): Readonly<Record<string, (input: Json) => Promise<Json>>> {
  const tasks: Record<string, (input: Json) => Promise<Json>> = {
    [BATCH_RESOURCE]: (input) => runBatch(scope, input),
  };
  for (const [workflow, handlers] of Object.entries(HANDLERS)) {
    for (const [name, handler] of Object.entries(handlers)) {
      tasks[functionResource(workflow, name)] = async (input) =>
        (await withScope(scope, () => handler(input, {}))) as Json;
    }
  }
  return tasks;
}

/** What the Glue job does, told by its arguments. */
async function runBatch({ ports }: Scope, input: Json): Promise<Json> {
  const given = (input as { Arguments: Record<string, string> }).Arguments;
  const ref = { runId: String(given["--run_id"]), attempt: Number(given["--attempt"]) };
  const step = given["--step"];
  if (step === "append") return { ...(await appendEvents(ports, ref)) };
  if (step === "compute") return { ...(await computeFeatures(ports, ref)) };
  if (step === "snapshot") return { ...(await snapshotOffline(ports, ref)) };
  throw new InvalidInputError(`the batch job has no step "${step}"`);
}
