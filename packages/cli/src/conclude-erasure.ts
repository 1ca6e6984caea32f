// Decides how a command waits for an erasure, whoever runs it, and says where its proof lies.

import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "@steward/core";
import type { Platform, Proof } from "@steward/local";
import { followRun, problemOf, toRunDocument, toRunText } from "./conclude-run.ts";
import type { Context } from "./context.ts";
import { toProofText } from "./erasure-text.ts";
import { type ExitCode, exitCodeOfRun } from "./exit-code.ts";
import type { Progress } from "./progress.ts";

const POLL_MS = 250;

/** Brings a run that was there already to its end: waits for whoever is at work on it, takes up what was left lying. */
export async function joinRun(
  context: Context,
  platform: Platform,
  progress: Progress,
  run: Run,
): Promise<Run> {
  const { describeRunState, getRun, LeaseHeldError, resumeRun } = await import("@steward/core");
  const { ports } = platform;
  context.onInterrupt(() => `erasure ${run.runId} goes on where it is at work`);
  for (;;) {
    const present = await getRun(ports.ledger, run.runId);
    const state = await describeRunState(ports, present);
    if (state === "succeeded" || state === "superseded") return present;
    if (state !== "running") {
      try {
        return await followRun(
          context,
          platform,
          progress,
          await resumeRun(ports, run.runId, ports.settings.unitsPerSecond),
        );
      } catch (error) {
        if (!(error instanceof LeaseHeldError)) throw error; // another took it up a moment ago
      }
    }
    await sleep(POLL_MS);
  }
}

/** Prints the report, and where certificate and key lie once it has them. */
export async function concludeErasure(context: Context, run: Run): Promise<ExitCode> {
  const proof = await findProof(context, run);
  const document = {
    ...(await toRunDocument(run)),
    ...(proof ?? { certificate: null, publicKey: null }),
  };
  context.output.result(document, () =>
    [toRunText(run), ...(proof === undefined ? [] : [toProofText(proof)])].join("\n"),
  );
  const problem = problemOf(run);
  if (problem !== undefined) context.output.error(problem, undefined, true);
  return exitCodeOfRun(run);
}

/** The proof of the request that the run is for. */
async function findProof(context: Context, run: Run): Promise<Proof | undefined> {
  const { saveCertificateOf } = await import("@steward/local");
  const requestId = (run.report as { requestId?: string } | null)?.requestId ?? run.runId; // core wrote it
  return saveCertificateOf(context.stateDir, requestId);
}

/** Erasures whose date has come are finished by whichever command comes along; how they end is theirs to say. */
export async function finishDueErasures(context: Context, platform: Platform): Promise<void> {
  const { continueFinishes } = await import("@steward/core");
  for (const run of await continueFinishes(platform.ports)) {
    context.output.progress(`finishing an erasure whose date has come (run ${run.runId})`);
    await platform.settled(run);
  }
}
