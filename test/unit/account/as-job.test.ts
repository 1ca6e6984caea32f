// How the batch job runs as a process: its arguments, what it tries again, what it says.

import { ConflictError, DataRejectedError, UnavailableError } from "@steward/core";
import { runAsJob } from "@steward/functions/_account/as-job.ts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const ARGUMENTS = ["--run_id", "r1", "--attempt", "2", "--step", "append"];
const PAUSE_MS = 1_000;

const said: unknown[] = [];
beforeEach(() => {
  said.length = 0;
  vi.useFakeTimers();
  vi.spyOn(process.stdout, "write").mockImplementation((line) => {
    said.push(JSON.parse(String(line)));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A job that fails with these errors, one a try, and then succeeds; with what it was called, and when. */
function failingWith(...errors: readonly Error[]) {
  const calls: { readonly given: object; readonly atMs: number }[] = [];
  const begunMs = Date.now();
  const job = async (given: object) => {
    calls.push({ given, atMs: Date.now() - begunMs });
    const error = errors[calls.length - 1];
    if (error !== undefined) throw error;
    return { rowCount: 3 };
  };
  return { job, calls };
}

async function run(job: (given: object) => Promise<unknown>, argv: readonly string[] = ARGUMENTS) {
  const code = runAsJob(job, argv, PAUSE_MS);
  await vi.runAllTimersAsync();
  return code;
}

describe("runAsJob", () => {
  it("calls the job with its arguments by name, says its result as one line and ends with 0", async () => {
    const { job, calls } = failingWith();

    expect(await run(job)).toBe(0);

    expect(calls.map(({ given }) => given)).toEqual([
      { "--run_id": "r1", "--attempt": "2", "--step": "append" },
    ]);
    expect(said).toEqual([
      { level: "info", message: "batch job done", step: "append", result: { rowCount: 3 } },
    ]);
  });

  it("leaves out a name without a value", async () => {
    const { job, calls } = failingWith();

    await run(job, ["--run_id", "r1", "--step"]);

    expect(calls.map(({ given }) => given)).toEqual([{ "--run_id": "r1" }]);
  });

  it("tries again what may pass of itself, after a pause that doubles", async () => {
    const { job, calls } = failingWith(
      new UnavailableError("the ledger could not be read: TimeoutError"),
      new ConflictError("two writers met"),
    );

    expect(await run(job)).toBe(0);

    expect(calls.map(({ atMs }) => atMs)).toEqual([0, PAUSE_MS, 3 * PAUSE_MS]);
    expect(said).toEqual([
      {
        level: "error",
        message: "batch job failed",
        tries: 1,
        error: "UnavailableError",
        text: "the ledger could not be read: TimeoutError",
      },
      expect.objectContaining({ tries: 2, error: "ConflictError", text: "two writers met" }),
      expect.objectContaining({ message: "batch job done" }),
    ]);
  });

  it("gives up after four tries and ends with 1", async () => {
    const { job, calls } = failingWith(...Array.from({ length: 9 }, () => new UnavailableError("no answer")));

    expect(await run(job)).toBe(1);

    expect(calls.map(({ atMs }) => atMs)).toEqual([0, PAUSE_MS, 3 * PAUSE_MS, 7 * PAUSE_MS]);
    expect(said).toHaveLength(4);
  });

  it("does not try again what would fail the same way, and says why in Steward's own words", async () => {
    const { job, calls } = failingWith(new DataRejectedError("7 of 10 rows were set aside, more than 1 %"));

    expect(await run(job)).toBe(1);

    expect(calls).toHaveLength(1);
    expect(said).toMatchObject([
      { tries: 1, error: "DataRejectedError", text: "7 of 10 rows were set aside, more than 1 %" },
    ]);
  });

  it("never says the words of an error that is not Steward's own", async () => {
    const foreign = Object.assign(new Error("could not convert 'customer 00042'"), {
      name: "customer 00042",
      cause: new Error("00042"),
    });
    const { job, calls } = failingWith(foreign);

    expect(await run(job)).toBe(1);

    expect(calls).toHaveLength(1);
    expect(said).toMatchObject([{ error: "Error" }]);
    expect(JSON.stringify(said)).not.toContain("00042");
  });
});
