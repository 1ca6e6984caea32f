// Decides how a person sees a run advance: one changing line on a terminal, one line a step elsewhere.

import type { Ledger, Run } from "@steward/core";
import type { Output } from "./output.ts";
import { toCountText, toElapsedText } from "./words.ts";

const STEP_WORDS: Readonly<Record<string, string>> = {
  "Acquire lease": "taking the group's lease",
  "Plan refresh": "planning",
  "Plan rebuild": "planning",
  "Snapshot records": "taking the latest records from the offline store",
  "Verify rebuild": "comparing the stores with the offline store",
  "Append events": "reading the files into the event table",
  "Commit events": "entering the events",
  "Compute features": "computing the features",
  "Check output": "checking the records",
  "Publish offline": "publishing to the offline store",
  "Enqueue chunks": "queueing the records in chunks",
  "Await writes": "writing to the online and the hot store",
  "Commit watermark": "committing the watermark",
  "Finish run": "finishing",
  "Finish unchanged run": "finishing: nothing has changed",
  "Fail run": "failing: taking back what is half done",
};
const WRITING = "Await writes";
const LOOK_MS = 500;
/** Between two lines about the same writes where no line can change in place. */
const LINE_MS = 5_000;

interface Follow {
  readonly group: string;
  state: string;
  enteredMs: number;
  printedMs: number;
}

export class Progress {
  readonly #output: Output;
  readonly #follows = new Map<string, Follow>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** The states that executions entered before it was known whose they are. */
  readonly #early = new Map<string, string[]>();

  constructor(output: Output) {
    this.#output = output;
  }

  /** An execution enters a state. */
  entered(execution: string, state: string): void {
    const follow = this.#follows.get(execution);
    if (follow === undefined) this.#early.set(execution, [...(this.#early.get(execution) ?? []), state]);
    else this.#enter(follow, state);
  }

  /** From now on the run's steps are shown, and how its writes advance. */
  follow(execution: string, run: Run, ledger: Ledger): void {
    const follow: Follow = { group: run.group, state: "", enteredMs: 0, printedMs: 0 };
    this.#follows.set(execution, follow);
    for (const state of this.#early.get(execution) ?? []) this.#enter(follow, state);
    const timer = setInterval(() => void this.#look(follow, run, ledger).catch(() => {}), LOOK_MS);
    this.#timers.set(execution, timer);
  }

  /** The state that the execution entered last, in words. */
  stateOf(execution: string): string | undefined {
    const state = this.#follows.get(execution)?.state;
    return state === undefined ? undefined : (STEP_WORDS[state] ?? state);
  }

  /** The execution has ended; another's steps are shown on. */
  stop(execution: string): void {
    clearInterval(this.#timers.get(execution));
    this.#output.live("");
  }

  #enter(follow: Follow, state: string): void {
    const words = STEP_WORDS[state];
    if (words === undefined || state === follow.state) return;
    follow.state = state;
    follow.enteredMs = performance.now();
    this.#show(follow, `${follow.group}: ${words}`);
  }

  async #look(follow: Follow, run: Run, ledger: Ledger): Promise<void> {
    if (follow.state !== WRITING || this.#output.isQuiet) return;
    if (!this.#output.isLive && performance.now() - follow.printedMs < LINE_MS) return;
    const { listChunks } = await import("@steward/core");
    const chunks = await listChunks(ledger, run);
    const settled = chunks.filter(({ status }) => status === "settled");
    const records = settled.reduce((sum, { rowCount }) => sum + rowCount, 0);
    const seconds = (performance.now() - follow.enteredMs) / 1_000;
    const rate = records / seconds;
    const left = chunks.reduce((sum, { rowCount }) => sum + rowCount, 0) - records;
    const eta = records === 0 ? "" : `, ${toElapsedText((left / rate) * 1_000)} left`;
    this.#show(
      follow,
      `${follow.group}: ${STEP_WORDS[WRITING]}: ${settled.length} of ${chunks.length} chunks, ${toCountText(Math.round(rate))} records/s${eta}`,
    );
  }

  #show(follow: Follow, text: string): void {
    follow.printedMs = performance.now();
    if (this.#output.isLive) this.#output.live(text);
    else this.#output.progress(text);
  }
}
