// How the writes of a run are told where no line can change in place: rate and time left, from where the run stood.

import type { Ledger, Run } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Output } from "../../../packages/cli/src/output.ts";
import { Progress } from "../../../packages/cli/src/progress.ts";
import { planChunks, saveChunks, updateChunk } from "../../../packages/core/src/writing/chunk.ts";
import { NO_STORE_COUNTS } from "../../../packages/core/src/writing/counts.ts";
import { aLedger } from "../../support/durable-stores.ts";

const REF = { runId: "run-1", attempt: 1 };

let lines: string[];
let ledger: Ledger;
let progress: Progress;

beforeEach(async () => {
  lines = [];
  ledger = aLedger();
  await saveChunks(ledger, REF, planChunks([{ key: "staged", rowCount: 10_000, sizeBytes: 1 }], 1_000));
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  const output = {
    isQuiet: false,
    isLive: false,
    progress: (line: string) => lines.push(line),
    live: () => {},
  };
  progress = new Progress(output as unknown as Output);
});

afterEach(() => {
  progress.stop("run-1-1");
  vi.useRealTimers();
});

describe("Progress", () => {
  it("tells of the writes, at most every five seconds, how fast they go and how long they will take", async () => {
    follow({ targets: ["hot"] });
    await pass(1_000);
    await settle(0, 1);
    await pass(4_500);

    expect(lines).toEqual([
      "customer-orders: writing to the hot store",
      "customer-orders: writing to the hot store: 2 of 10 chunks, 444 records/s, 18.0 s left",
    ]);
  });

  it("does not count what an interrupted run had written before it was resumed", async () => {
    await settle(0, 1, 2, 3, 4);
    follow({});
    await pass(1_000);
    await settle(5);
    await pass(4_500);

    expect(lines.at(-1)).toBe(
      "customer-orders: writing to the online and the hot store: 6 of 10 chunks, 222 records/s, 18.0 s left",
    );
  });

  it("promises nothing while nothing is written", async () => {
    follow({});
    await pass(5_500);

    expect(lines.at(-1)).toBe("customer-orders: writing to the online and the hot store: 0 of 10 chunks");
  });
});

function follow(run: Partial<Run>): void {
  progress.follow("run-1-1", { ...REF, group: "customer-orders", ...run } as Run, ledger);
  progress.entered("run-1-1", "Await writes");
}

async function settle(...numbers: readonly number[]): Promise<void> {
  for (const number of numbers)
    await updateChunk(ledger, REF, number, { status: "settled", counts: NO_STORE_COUNTS, reason: null });
}

/** Lets time pass in steps, so that each look ends before the next. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 500) {
    await vi.advanceTimersByTimeAsync(500);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
