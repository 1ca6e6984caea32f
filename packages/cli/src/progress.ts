// Decides how a person sees a run advance: one changing line on a terminal, one line a step elsewhere.

import type { Ledger, Run } from "@steward/core";
import type { Output } from "./output.ts";
import { toCountText, toElapsedText } from "./words.ts";

const STEP_WORDS: Readonly<Record<string, string>> = {
  "Acquire lease": "taking the lease",
  "Plan refresh": "planning",
  "Plan rebuild": "planning",
  "Snapshot records": "taking the latest records from the offline store",
  "Verify rebuild": "comparing the stores with the offline store",
  "Replay stream": "reading the stream again",
  "Catch up stream": "catching up the stream",
  "Append events": "reading the files into the event table",
  "Commit events": "entering the events",
  "Compute features": "computing the features",
  "Check output": "checking the records",
  "Publish offline": "publishing to the offline store",
  "Enqueue chunks": "queueing the records in chunks",
  "Commit watermark": "committing the watermark",
  "Plan erasure": "looking where to look",
  "Suppress subjects": "suppressing, in the ledger and in the evidence",
  "Erase readable": "erasing from the online and the hot store",
  "Await drain": "waiting for what began before to end",
  "Hard delete": "deleting for good online",
  "Await offline buffer": "waiting for rows on their way to the offline store",
  "Erase offline": "writing the offline files again without them, older versions too",
  "Erase events": "erasing from the event table, set-aside rows and staged files",
  "Scan copies": "scanning every copy with another reader",
  "Sign certificate": "signing the certificate",
  "Finish erasure": "finishing",
  "Finish run": "finishing",
  "Finish unchanged run": "finishing: nothing has changed",
  "Fail run": "failing: taking back what is half done",
};
const WRITING = "Await writes";
const STORES = { online: "the online", hot: "the hot" } as const;
/** An erasure's run holds an entity where others hold a group. */
const ENTITY_SCOPE = /^entity:/;
const LOOK_MS = 500;
/** Between two lines about the same writes where no line can change in place. */
const LINE_MS = 5_000;

interface Follow {
  readonly run: Run;
  state: string;
  printedMs: number;
  /** When the writes were first looked at, and what was written by then: a resumed run does not begin at nothing. */
  from: { readonly atMs: number; readonly records: number } | undefined;
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
    const follow: Follow = { run, state: "", printedMs: 0, from: undefined };
    this.#follows.set(execution, follow);
    for (const state of this.#early.get(execution) ?? []) this.#enter(follow, state);
    const timer = setInterval(() => void this.#look(follow, ledger).catch(() => {}), LOOK_MS);
    this.#timers.set(execution, timer);
  }

  /** The state that the execution entered last, in words. */
  stateOf(execution: string): string | undefined {
    const follow = this.#follows.get(execution);
    return follow === undefined || follow.state === "" ? undefined : wordsOf(follow);
  }

  /** The execution has ended; another's steps are shown on. */
  stop(execution: string): void {
    clearInterval(this.#timers.get(execution));
    this.#output.live("");
  }

  #enter(follow: Follow, state: string): void {
    if ((STEP_WORDS[state] === undefined && state !== WRITING) || state === follow.state) return;
    follow.state = state;
    this.#show(follow, wordsOf(follow));
  }

  async #look(follow: Follow, ledger: Ledger): Promise<void> {
    if (follow.state !== WRITING || this.#output.isQuiet) return;
    const { listChunks } = await import("@steward/core");
    const chunks = await listChunks(ledger, follow.run);
    const settled = chunks.filter(({ status }) => status === "settled");
    const records = sumRows(settled);
    const nowMs = performance.now();
    follow.from ??= { atMs: nowMs, records };
    if (!this.#output.isLive && nowMs - follow.printedMs < LINE_MS) return;
    const rate = ((records - follow.from.records) * 1_000) / (nowMs - follow.from.atMs);
    const pace =
      rate > 0
        ? `, ${toCountText(Math.round(rate))} records/s, ${toElapsedText(((sumRows(chunks) - records) / rate) * 1_000)} left`
        : "";
    this.#show(follow, `${wordsOf(follow)}: ${settled.length} of ${chunks.length} chunks${pace}`);
  }

  #show(follow: Follow, text: string): void {
    follow.printedMs = performance.now();
    const line = `${follow.run.group.replace(ENTITY_SCOPE, "")}: ${text}`;
    if (this.#output.isLive) this.#output.live(line);
    else this.#output.progress(line);
  }
}

function wordsOf({ state, run }: Follow): string {
  if (state !== WRITING) return STEP_WORDS[state] ?? state;
  const stores = (run.targets ?? (["online", "hot"] as const)).map((target) => STORES[target]);
  return `writing to ${stores.join(" and ")} store`;
}

function sumRows(chunks: readonly { readonly rowCount: number }[]): number {
  return chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);
}
