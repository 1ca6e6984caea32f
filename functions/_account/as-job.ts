// Decides how the batch job runs as a process of its own, as Glue starts it: by arguments, with an exit code. What may pass of
// itself it tries again, since Step Functions cannot tell by a failed job why it failed.

import { StewardError, toPlainFailure } from "@steward/core";

type Job = (given: Readonly<Record<string, string>>, context: object) => Promise<unknown>;

const MAX_TRIES = 4;
const FIRST_PAUSE_MS = 2_000;

/** `--run_id r1 --attempt 2` are `{ "--run_id": "r1", "--attempt": "2" }`. Words of others never reach the log: they may quote data. */
export async function runAsJob(job: Job, argv: readonly string[], pauseMs = FIRST_PAUSE_MS): Promise<number> {
  const given: Record<string, string> = {};
  for (let index = 0; index + 1 < argv.length; index += 2) given[argv[index] ?? ""] = argv[index + 1] ?? "";
  for (let tries = 1; ; tries += 1) {
    try {
      const result = await job(given, {});
      say({ level: "info", message: "batch job done", step: given["--step"] ?? "", result });
      return 0;
    } catch (error) {
      const { name, message: text } = toPlainFailure(error);
      say({ level: "error", message: "batch job failed", tries, error: name, text });
      if (tries === MAX_TRIES || !(error instanceof StewardError && error.retryable)) return 1;
      await new Promise((done) => setTimeout(done, pauseMs * 2 ** (tries - 1)));
    }
  }
}

function say(entry: object): void {
  process.stdout.write(`${JSON.stringify(entry)}\n`);
}
