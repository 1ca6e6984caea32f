// Decides what a run is, which lives it may lead, and how it is kept.

import { z } from "zod";
import { ConflictError, NotFoundError } from "../errors/steward-error.ts";
import type { Ledger, LedgerBody, LedgerItem, LedgerKey } from "../ports/ledger.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { updateItem } from "./update-item.ts";

export const RUN_STATUSES = ["running", "succeeded", "failed", "cancelled", "superseded"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Stores that chunks are written to. */
export const TARGETS = ["online", "hot"] as const;
export type Target = (typeof TARGETS)[number];

/** From → to. An unfinished run may be taken up again until another run of its group supersedes it. */
export const RUN_TRANSITIONS: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  running: ["succeeded", "failed", "cancelled", "superseded"],
  failed: ["running", "superseded"],
  cancelled: ["running", "superseded"],
  succeeded: [],
  superseded: [],
};

const runBody = z.object({
  runId: z.string(),
  workflow: z.string(),
  group: z.string(),
  asOfMs: z.number().transform((value) => value as EpochMs),
  inputs: z.array(z.string()),
  /** Of a replay: events that arrived at or after this are read again. */
  fromMs: z
    .number()
    .transform((value) => value as EpochMs)
    .optional(),
  status: z.enum(RUN_STATUSES),
  /** Rises each time the run begins anew; files and chunks are named by it. */
  attempt: z.number(),
  /** The pace that was asked for, whichever process writes the chunks; null: none. */
  unitsPerSecond: z.number().nullable().optional(),
  /** The stores that are written; absent: all of them. */
  targets: z.array(z.enum(TARGETS)).optional(),
  /** How often the attempt's failed chunks were taken up again. */
  redrives: z.number(),
  /** The fencing token of the lease that this attempt holds; 0 before it has one. */
  token: z.number(),
  createdAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  outcome: z.string().nullable(),
  error: z.object({ name: z.string(), message: z.string() }).nullable(),
  report: z.record(z.string(), z.json()).nullable(),
});

/** `createdAtMs` and `endedAtMs` are real time; `asOfMs` is the platform's. */
export type Run = Readonly<z.infer<typeof runBody>>;

/** What a state machine's steps carry: enough to find everything else. */
export interface RunRef {
  readonly runId: string;
  readonly attempt: number;
}

export function targetsOf(run: Pick<Run, "targets">): readonly Target[] {
  return run.targets ?? TARGETS;
}

const RUNS = "runs";
const runKey = (runId: string): LedgerKey => ({ partition: RUNS, sort: runId });

/** Beside all runs there ever were, the few of a workflow and group that another may still have to supersede. */
type RunScope = Pick<Run, "workflow" | "group">;
const unfinishedPartition = ({ workflow, group }: RunScope): string => `unfinished-runs#${workflow}#${group}`;
const unfinishedKey = (run: RunScope & Pick<Run, "runId">): LedgerKey => ({
  partition: unfinishedPartition(run),
  sort: run.runId,
});

/** @throws ConflictError when the run exists. */
export async function createRun(ledger: Ledger, run: Run): Promise<void> {
  // First, so that no run is missing there; who finds it there and not in its row passes over it.
  await ledger.put(unfinishedKey(run), {}, "absent");
  const outcome = await ledger.put(runKey(run.runId), toBody(run), "absent");
  if (outcome.kind === "conflict") throw new ConflictError(`run ${run.runId} exists already`);
}

export async function findRun(ledger: Ledger, runId: string): Promise<Run | undefined> {
  const item = await ledger.find(runKey(runId));
  return item === undefined ? undefined : fromItem(item);
}

/** @throws NotFoundError when there is no such run. */
export async function getRun(ledger: Ledger, runId: string): Promise<Run> {
  const run = await findRun(ledger, runId);
  if (run === undefined) throw new NotFoundError(`there is no run "${runId}"; \`steward runs\` lists them`);
  return run;
}

/** All runs, oldest first. */
export async function listRuns(ledger: Ledger): Promise<readonly Run[]> {
  return (await ledger.list(RUNS)).map(fromItem);
}

/** The runs of a workflow and group that have neither succeeded nor been superseded, oldest first. */
export async function listUnfinishedRuns(ledger: Ledger, scope: RunScope): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const { sort } of await ledger.list(unfinishedPartition(scope))) {
    const run = await findRun(ledger, sort);
    if (run === undefined) continue;
    if (isFinished(run)) await forgetUnfinished(ledger, run);
    else runs.push(run);
  }
  return runs;
}

/** Changes a run; a change of status must be in the transition table. Returns the run as it then is. */
export async function updateRun(
  ledger: Ledger,
  runId: string,
  change: (run: Run) => Run | undefined,
): Promise<Run> {
  const item = await updateItem(ledger, runKey(runId), (present) => {
    if (present === undefined)
      throw new NotFoundError(`there is no run "${runId}"; \`steward runs\` lists them`);
    const before = fromItem(present);
    const after = change(before);
    if (after === undefined) return undefined;
    if (after.status !== before.status && !RUN_TRANSITIONS[before.status].includes(after.status)) {
      throw new ConflictError(`run ${runId} is ${before.status} and cannot become ${after.status}`);
    }
    return toBody(after);
  });
  const run = fromItem(item as LedgerItem);
  if (isFinished(run)) await forgetUnfinished(ledger, run);
  return run;
}

/** From there no way leads on. */
function isFinished({ status }: Run): boolean {
  return RUN_TRANSITIONS[status].length === 0;
}

async function forgetUnfinished(ledger: Ledger, run: Run): Promise<void> {
  const item = await ledger.find(unfinishedKey(run));
  if (item !== undefined) await ledger.remove(unfinishedKey(run), item);
}

const toBody = (run: Run): LedgerBody => run as unknown as LedgerBody; // a Run is JSON by its schema
const fromItem = (item: LedgerItem): Run => runBody.parse(item.body);
