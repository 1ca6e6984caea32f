// Decides when a command leaves its work to the platform that is up on the state folder, and how it waits for it there.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Run } from "@steward/core";
import type { ProgressEvent } from "@steward/functions/_runtime/api-schemas.ts";
import type { z } from "zod";
import { ApiClient, ApiError } from "./api-client.ts";
import type { Context } from "./context.ts";
import { toCountText, toElapsedText } from "./words.ts";

/** Under the API's own bound, with room for what is around it. */
const MAX_BODY_BYTES = 900_000;
/** Between two lines about the same run where no line can change in place. */
const LINE_MS = 5_000;

/** Undefined where no platform is up, does not answer, has other definitions of the groups, or other options were given. */
export async function findPlatformUp(
  context: Context,
  groupNames: readonly string[],
): Promise<ApiClient | undefined> {
  if (!context.hasState || context.hasOwnSettings) return undefined;
  const { findApi } = await import("@steward/local");
  const found = findApi(context.stateDir);
  if (found === undefined) return undefined;
  try {
    const token = readFileSync(join(context.stateDir, "api-token"), "utf8").trim();
    const api = new ApiClient(found.url, token);
    return (await hasSameGroups(context, api, groupNames)) ? api : undefined;
  } catch {
    return undefined; // it ends, or begins: the command does the work itself
  }
}

/** Whether a request is one that the API takes; a larger one is done by the command itself. */
export function isCarried(schema: z.ZodType, body: unknown): boolean {
  return schema.safeParse(body).success && JSON.stringify(body).length <= MAX_BODY_BYTES;
}

/** Waits for the run's end, or for the platform's. Ctrl-C ends the waiting alone. */
export async function followRunThere(
  context: Context,
  api: ApiClient,
  run: { readonly runId: string; readonly name: string },
): Promise<Run> {
  const { runId, name } = run;
  const leaving = new AbortController();
  context.onInterrupt(
    () =>
      `run ${runId} goes on in the platform that is up: \`steward run ${runId}\` shows it, \`steward cancel ${runId}\` ends it`,
  );
  void context.interrupted.then(() => leaving.abort());
  context.output.progress(`${name}: run ${runId} is done by the platform that is up`);
  try {
    await showProgress(context, name, api.progress(runId, leaving.signal));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (leaving.signal.aborted) throw error;
    // The platform ended in the middle: the ledger says how far the run came.
  }
  context.output.live("");
  return requireRun(context, runId);
}

/** As the ledger has it. */
export async function requireRun(context: Context, runId: string): Promise<Run> {
  const { getRun, NotFoundError } = await import("@steward/core");
  const view = await context.openLedger();
  if (view === undefined) throw new NotFoundError(`nothing has run in ${context.stateDir}`);
  return getRun(view.ledger, runId);
}

async function hasSameGroups(context: Context, api: ApiClient, names: readonly string[]): Promise<boolean> {
  const { definitionFingerprint } = await import("@steward/core");
  const theirs = await api.fingerprints();
  const groups = await context.groups();
  return names.every((name) => {
    const own = groups.find((group) => group.name === name);
    return own !== undefined && theirs.get(name) === definitionFingerprint(own);
  });
}

async function showProgress(
  context: Context,
  name: string,
  events: AsyncIterable<ProgressEvent>,
): Promise<void> {
  const { output } = context;
  let saidMs = Number.NEGATIVE_INFINITY;
  for await (const event of events) {
    const text = toProgressText(event);
    if (text === undefined) continue;
    if (output.isLive) output.live(`${name}: ${text}`);
    else if (performance.now() - saidMs >= LINE_MS) {
      output.progress(`${name}: ${text}`);
      saidMs = performance.now();
    }
  }
}

function toProgressText({ chunks, recordsPerSecond, etaMs }: ProgressEvent): string | undefined {
  if (chunks.planned === 0) return undefined;
  const pace = recordsPerSecond === null ? "" : `, ${toCountText(Math.round(recordsPerSecond))} records/s`;
  const left = etaMs === null ? "" : `, ${toElapsedText(etaMs)} left`;
  return `writing: ${chunks.settled} of ${chunks.planned} chunks${pace}${left}`;
}
