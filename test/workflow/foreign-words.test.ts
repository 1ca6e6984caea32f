// A step that throws an error of somebody else's making, whose words quote a record: no part of them is kept anywhere.

import {
  createRun,
  getRun,
  InvalidInputError,
  type Json,
  newRun,
  type Ports,
  toEpochMs,
} from "@steward/core";
import { failRunTask } from "@steward/functions/_runtime/fail-run.ts";
import { type LogEntry, withScope } from "@steward/functions/_runtime/scope.ts";
import { runRef, task } from "@steward/functions/_runtime/task.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endBadly } from "../../packages/core/src/ledger/end-run.ts";
import { DrivenTimer } from "../support/durable-stores.ts";
import { InterpreterBench } from "../support/interpreter-bench.ts";
import { findLeaks, makeCanaries, toNeedles } from "../support/leak-search.ts";
import { listFiles, readFiles } from "../support/state-contents.ts";
import { aMachine, aTask, type TestTask } from "../support/state-machine-fixtures.ts";

const CANARIES = makeCanaries(1, 20_261_125);
const [CANARY = ""] = CANARIES;
const NEEDLES = toNeedles(CANARIES);

class VendorError extends Error {
  readonly row = { customer_id: CANARY };
}

/** Each a way in which foreign words come with an error. */
const FOREIGN: readonly (readonly [string, () => unknown])[] = [
  ["its message", () => new TypeError(`customer ${CANARY} is odd`)],
  ["its cause and fields", () => new VendorError("odd row", { cause: new Error(CANARY) })],
  ["its name", () => Object.assign(new Error("odd"), { name: `no customer ${CANARY}` })],
  ["the name of Steward's own", () => Object.assign(new Error(CANARY), { name: "UnavailableError" })],
  ["a value that is no error", () => CANARY],
];

const CATCH = [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Fail run" }];
const caught = aMachine({
  First: aTask("First", { Catch: CATCH, Next: "Done" }),
  Done: { Type: "Succeed" },
  "Fail run": aTask("Fail run", { Next: "Failed" }),
  Failed: { Type: "Fail", Error: "RunFailed", Cause: "see `steward run`" },
});
const uncaught = aMachine({ First: aTask("First") });

let bench: InterpreterBench;
let logs: LogEntry[];

beforeEach(async () => {
  bench = new InterpreterBench();
  logs = [];
  await createRun(
    bench.ledger,
    newRun(
      { timer: new DrivenTimer() },
      {
        runId: "run-1",
        workflow: "m",
        group: "customer-orders",
        asOfMs: toEpochMs(0),
        inputs: [],
      },
    ),
  );
});

afterEach(async () => {
  await bench.close();
});

describe.each(FOREIGN)("an error with foreign words in %s", (_, thrown) => {
  const throwing: TestTask = async () => {
    throw thrown();
  };

  it.each([
    ["thrown by a Lambda handler", asHandler(throwing)],
    ["thrown by the batch job", throwing],
  ])("leaves none of them in run, execution, log and ledger, %s", async (_place, first) => {
    const execution = await bench.run(caught, { first, "fail-run": failRun }, { runId: "run-1", attempt: 1 });

    expect(execution).toMatchObject({ status: "failed", error: "RunFailed", cause: "see `steward run`" });
    expect((await run()).status).toBe("failed");
    expect(await leaks()).toEqual([]);
  });

  it("leaves none of them in an execution that catches nothing", async () => {
    const execution = await bench.run(uncaught, { first: throwing }, { runId: "run-1", attempt: 1 });

    expect(execution.status).toBe("failed");
    expect(await leaks()).toEqual([]);
  });

  it("leaves the handler itself without them, as Lambda would log it", async () => {
    const [outcome] = await Promise.allSettled([asHandler(throwing)({ runId: "run-1", attempt: 1 })]);
    const error = outcome?.status === "rejected" ? outcome.reason : undefined;

    expect(error).toBeInstanceOf(Error);
    expect(
      [error.name, error.message, error.stack, JSON.stringify(error), error.cause].join("\n"),
    ).not.toContain(CANARY);
  });
});

describe("what is kept instead", () => {
  it("is the name of the error, and a sentence of our own", async () => {
    const first = asHandler(async () => {
      throw new TypeError(CANARY);
    });

    await bench.run(caught, { first, "fail-run": failRun }, { runId: "run-1", attempt: 1 });

    expect((await run()).error).toEqual({
      name: "TypeError",
      message: "the step ended with TypeError, whose own words are not kept because they may quote data",
    });
    expect(logs).toContainEqual({
      level: "error",
      message: "step failed",
      step: "first",
      error: "TypeError",
    });
  });

  it("is the sentence of Steward's own error, word for word", async () => {
    const first = asHandler(async () => {
      throw new InvalidInputError("file orders.csv has no header");
    });

    await bench.run(caught, { first, "fail-run": failRun }, { runId: "run-1", attempt: 1 });

    expect((await run()).error).toEqual({
      name: "InvalidInputError",
      message: "file orders.csv has no header",
    });
  });

  it("is of the state machine's own errors, which quote what a path found, the name", async () => {
    const machine = aMachine({
      Look: { Type: "Pass", InputPath: `$.${CANARY}`, Next: "First" },
      First: aTask("First"),
    });

    const execution = await bench.run(machine, { first: async (input) => input }, { a: 1 });

    expect(execution).toMatchObject({ status: "failed", error: "States.Runtime" });
    expect(execution.cause).not.toContain(CANARY);
  });
});

/** In the scope that a platform gives it, with the bench's ledger. */
function asHandler(work: TestTask): TestTask {
  const handler = task("first", runRef, (_, input) => work(input));
  return scoped(handler);
}

function scoped(handler: (event: unknown, context: object) => Promise<unknown>): TestTask {
  return async (input) => {
    const ports = { ledger: bench.ledger, timer: new DrivenTimer() } as unknown as Ports;
    return (await withScope({ ports, log: (entry) => logs.push(entry) }, () => handler(input, {}))) as Json;
  };
}

const failRun = scoped(
  failRunTask(async (ports, ref, failure) => {
    await endBadly(ports, await getRun(ports.ledger, ref.runId), ref, {
      outcome: "failed",
      failure,
      report: {},
    });
  }),
);

function run() {
  return getRun(bench.ledger, "run-1");
}

/** In the ledger's file as it lies on the disk, its write-ahead log included, and in what was logged. */
async function leaks(): Promise<readonly string[]> {
  const files = readFiles(bench.folder, listFiles(bench.folder));
  expect(files.map(({ place }) => place)).toContain("ledger.sqlite-wal");
  const contents = [...files, { place: "log", bytes: Buffer.from(JSON.stringify(logs)) }];
  return contents.flatMap(({ place, bytes }) => findLeaks(place, bytes, NEEDLES));
}
