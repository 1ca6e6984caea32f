// Decides what the batch job of a workflow does, told by its arguments as a state machine gives them (workflows/steps.ts).

import { appendEvents, computeFeatures, InvalidInputError, type Json, snapshotOffline } from "@steward/core";
import { currentScope } from "./scope.ts";

/** @throws InvalidInputError for a step that there is not. */
export async function runBatch(given: Readonly<Record<string, string>>): Promise<Json> {
  const { ports } = currentScope();
  const ref = { runId: String(given["--run_id"]), attempt: Number(given["--attempt"]) };
  const step = given["--step"];
  if (step === "append") return { ...(await appendEvents(ports, ref)) };
  if (step === "compute") return { ...(await computeFeatures(ports, ref)) };
  if (step === "snapshot") return { ...(await snapshotOffline(ports, ref)) };
  throw new InvalidInputError(`the batch job has no step "${step}"`);
}
