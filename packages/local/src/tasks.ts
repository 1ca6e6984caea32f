// Decides which handler stands behind each resource of the workflows here: Lambda functions and the Glue job, in process.

import { appendEvents, computeFeatures, InvalidInputError, type Json } from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { withScope } from "@steward/functions/_runtime/scope.ts";
import type { TaskHandler } from "@steward/functions/_runtime/task.ts";
import { handler as acquireLease } from "@steward/functions/refresh/acquire-lease.ts";
import { handler as awaitWrites } from "@steward/functions/refresh/await-writes.ts";
import { handler as checkOutput } from "@steward/functions/refresh/check-output.ts";
import { handler as commitEvents } from "@steward/functions/refresh/commit-events.ts";
import { handler as commitWatermark } from "@steward/functions/refresh/commit-watermark.ts";
import { handler as enqueueChunks } from "@steward/functions/refresh/enqueue-chunks.ts";
import { handler as failRun } from "@steward/functions/refresh/fail-run.ts";
import { handler as finishRun } from "@steward/functions/refresh/finish-run.ts";
import { handler as planRefresh } from "@steward/functions/refresh/plan-refresh.ts";
import { handler as publishOffline } from "@steward/functions/refresh/publish-offline.ts";
import type { RefreshTasks } from "@steward/workflows/refresh.ts";

const functions: Readonly<Record<Exclude<keyof RefreshTasks, "runBatch">, TaskHandler>> = {
  acquireLease,
  planRefresh,
  commitEvents,
  checkOutput,
  publishOffline,
  enqueueChunks,
  awaitWrites,
  commitWatermark,
  finishRun,
  failRun,
};

const functionResource = (name: string): string =>
  `arn:aws:lambda:local:000000000000:function:refresh-${name}`;
const BATCH_RESOURCE = "arn:aws:states:::glue:startJobRun.sync";

/** The resources by which the refresh names its tasks here. */
export function refreshTasks(): RefreshTasks {
  const named = Object.fromEntries(Object.keys(functions).map((name) => [name, functionResource(name)]));
  return { ...(named as Record<keyof typeof functions, string>), runBatch: BATCH_RESOURCE };
}

/** By resource, what the interpreter calls. */
export function taskHandlers(scope: Scope): Readonly<Record<string, (input: Json) => Promise<Json>>> {
  const tasks: Record<string, (input: Json) => Promise<Json>> = {
    [BATCH_RESOURCE]: (input) => runBatch(scope, input),
  };
  for (const [name, handler] of Object.entries(functions)) {
    tasks[functionResource(name)] = async (input) =>
      (await withScope(scope, () => handler(input, {}))) as Json;
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
  throw new InvalidInputError(`the batch job has no step "${step}"`);
}
