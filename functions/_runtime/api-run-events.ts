// Decides what a stream of a run's events says (text/event-stream): how it advances, whenever that changed, with its rate
// and what is left, and its end as GET /runs/{id} gives it. Begins with where the run stands, so that a reader may come back.

import { getRun, type Ports } from "@steward/core";
import type { ProgressEvent, RunAnswer } from "./api-schemas.ts";
import { toRunAnswer } from "./api-views.ts";

const LOOK_MS = 250;
/** A line that says nothing, so that nobody between takes the stream for dead. */
const ALIVE_MS = 10_000;

type EventPorts = Pick<Ports, "ledger" | "holders" | "timer">;

/** Ends with the run, and where nobody is at work on it any more. */
export async function* runEvents(ports: EventPorts, runId: string): AsyncGenerator<string> {
  const { ledger, timer } = ports;
  let from: { readonly atMs: number; readonly run: RunAnswer } | undefined;
  let said = "";
  let saidMs = timer.nowMs();
  for (;;) {
    const run = await toRunAnswer(ports, await getRun(ledger, runId));
    const nowMs = timer.nowMs();
    if (from === undefined || from.run.attempt !== run.attempt) from = { atMs: nowMs, run };
    const progress = toProgress(run, from.run, nowMs - from.atMs);
    const counted = JSON.stringify({ ...progress, recordsPerSecond: null, etaMs: null });
    if (counted !== said) yield toEvent("progress", progress);
    else if (nowMs - saidMs >= ALIVE_MS) yield ": alive\n\n";
    if (counted !== said || nowMs - saidMs >= ALIVE_MS) saidMs = nowMs;
    said = counted;
    if (run.state !== "running") break;
    await timer.sleep(LOOK_MS);
  }
  yield toEvent("end", await toRunAnswer(ports, await getRun(ledger, runId)));
}

/** Worked example: 400 of 1,000 settled at first and 600 two seconds later are 100 a second, and 4 s are left. */
function toProgress(run: RunAnswer, first: RunAnswer, elapsedMs: number): ProgressEvent {
  const { state, attempt, chunks, records } = run;
  const written = records.settled - first.records.settled;
  const recordsPerSecond = written > 0 && elapsedMs > 0 ? (written * 1_000) / elapsedMs : null;
  const left = records.planned - records.settled;
  const etaMs = recordsPerSecond === null ? null : Math.round((left * 1_000) / recordsPerSecond);
  return { state, attempt, chunks, records, recordsPerSecond, etaMs };
}

function toEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
