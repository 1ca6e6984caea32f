// What every handler has in common: parsed input, its end logged by name, adapters of the scope that it is called in.

import { DEFAULT_SETTINGS, InvalidInputError, type Ports, UnavailableError } from "@steward/core";
import { type LogEntry, withScope } from "@steward/functions/_runtime/scope.ts";
import { runRef, task } from "@steward/functions/_runtime/task.ts";
import { handler as failRun } from "@steward/functions/refresh/fail-run.ts";
import { handler as finishRun } from "@steward/functions/refresh/finish-run.ts";
import { handler as writeChunks } from "@steward/functions/writing/write-chunks.ts";
import { describe, expect, it } from "vitest";
import { aRecord } from "../../support/builders.ts";
import { aWritePath, NOW, REFERENCE } from "../../support/write-path.ts";

const REF = { runId: "run-1", attempt: 1 };

/** Calls the handler in a scope of its own; gives its answer and what was logged. */
async function call<T>(ports: Partial<Ports>, work: () => Promise<T>) {
  const logs: LogEntry[] = [];
  const [outcome] = await Promise.allSettled([
    withScope({ ports: ports as Ports, log: (entry) => logs.push(entry) }, work),
  ]);
  return { outcome, logs };
}

describe("task", () => {
  it("hands the step its ports and what the schema knows of the input, nothing more", async () => {
    const seen: unknown[] = [];
    const handler = task("a-step", runRef, async (ports, input) => {
      seen.push(ports, input);
      return "answer";
    });
    const ports = {};

    const { outcome, logs } = await call(ports, () => handler({ ...REF, secret: "x" }, {}));

    expect(outcome).toEqual({ status: "fulfilled", value: "answer" });
    expect(seen).toEqual([ports, REF]);
    expect(seen[0]).toBe(ports);
    expect(logs).toEqual([{ level: "info", message: "step done", step: "a-step" }]);
  });

  it.each([
    [{ attempt: 1 }, "a-step: runId: "],
    [{ runId: "run-1", attempt: "1" }, "a-step: attempt: "],
    ["run-1", "a-step: input: "],
  ])("refuses the input %j, naming the field", async (input, message) => {
    const handler = task("a-step", runRef, async () => undefined);

    const { outcome } = await call({}, () => handler(input, {}));

    expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(InvalidInputError) });
    expect(outcome).toMatchObject({ reason: { message: expect.stringContaining(message) } });
  });

  it("passes the step's error on as it is and logs its name alone", async () => {
    const fault = new UnavailableError("customer 00042 is not there");
    const handler = task("a-step", runRef, () => Promise.reject(fault));

    const { outcome, logs } = await call({}, () => handler(REF, {}));

    expect(outcome).toEqual({ status: "rejected", reason: fault });
    expect(logs).toEqual([
      { level: "error", message: "step failed", step: "a-step", error: "UnavailableError" },
    ]);
  });

  it("keeps two platforms of one process apart, also while both are at work", async () => {
    const handler = task("a-step", runRef, async (ports) => {
      await new Promise((resolve) => setImmediate(resolve));
      return ports;
    });
    const [left, right] = [
      { settings: DEFAULT_SETTINGS },
      { settings: { ...DEFAULT_SETTINGS, maxReceives: 9 } },
    ];

    const answers = await Promise.all([
      call(left, () => handler(REF, {})),
      call(right, () => handler(REF, {})),
    ]);

    expect(answers.map(({ outcome }) => outcome.status === "fulfilled" && outcome.value)).toEqual([
      left,
      right,
    ]);
  });

  it("refuses to work where no adapters are wired", async () => {
    const handler = task("a-step", runRef, async () => undefined);

    await expect(handler(REF, {})).rejects.toThrow(InvalidInputError);
  });
});

describe("finish-run", () => {
  it("refuses an outcome that a run does not finish with", async () => {
    const { outcome } = await call({}, () => finishRun({ ...REF, outcome: "failed" }, {}));

    expect(outcome).toMatchObject({ reason: { message: expect.stringContaining("finish-run: outcome: ") } });
  });
});

describe("fail-run", () => {
  it.each([
    [
      "the message of Lambda's JSON",
      '{"errorType":"E","errorMessage":"Redis went away","trace":[]}',
      "Redis went away",
    ],
    ["plain text", "Redis went away", "Redis went away"],
    ["JSON of another shape, as it is", '{"other":1}', '{"other":1}'],
    ["words of its own for no cause", "", "the step gave no reason"],
  ])("takes %s for the reason, of an error of Steward's own", async (_, cause, message) => {
    expect(await failWith("UnavailableError", cause)).toEqual({ name: "UnavailableError", message });
  });

  it.each([
    ["States.TaskFailed", '{"JobName":"steward-refresh","ErrorMessage":"row canary-7f3a"}'],
    ["TypeError", '{"errorType":"TypeError","errorMessage":"row canary-7f3a","trace":[]}'],
    ["States.Timeout", "row canary-7f3a"],
  ])("keeps of %s the name alone", async (name, cause) => {
    expect(await failWith(name, cause)).toEqual({
      name,
      message: `the step ended with ${name}, whose own words are not kept because they may quote data`,
    });
  });

  async function failWith(name: string, cause: string): Promise<unknown> {
    const path = await aWritePath({ records: [] });
    const objects = { find: async () => undefined } as unknown as Ports["objects"];

    await call({ ...path.ports, objects }, () =>
      failRun({ ...REF, error: { Error: name, Cause: cause } }, {}),
    );

    const run = await path.ledger.find({ partition: "runs", sort: "run-1" });
    expect(run?.body.status).toBe("failed");
    return run?.body.error;
  }
});

describe("write-chunks", () => {
  const records = [aRecord({ recordId: "canary-7f3a", eventTimeMs: NOW })];
  const context = { getRemainingTimeInMillis: () => 60_000 };
  const message = (messageId: string, body: string, receives = 1) => ({
    messageId,
    body,
    attributes: { ApproximateReceiveCount: String(receives) },
  });

  it("names the messages that did not settle, and those alone", async () => {
    const path = await aWritePath({ records });

    const { outcome } = await call(path.ports, () =>
      writeChunks(
        {
          Records: [
            message("bad-json", "hello"),
            message("good", JSON.stringify(REFERENCE)),
            message("no-run", JSON.stringify({ ...REFERENCE, runId: "run-9" })),
            message("stale", JSON.stringify({ ...REFERENCE, attempt: 2 })),
          ],
        },
        context,
      ),
    );

    expect(outcome).toEqual({
      status: "fulfilled",
      value: { batchItemFailures: [{ itemIdentifier: "bad-json" }, { itemIdentifier: "no-run" }] },
    });
  });

  it("fails the chunk in the ledger at the receipt after which the message becomes a dead letter", async () => {
    for (const [receives, status] of [
      [2, "planned"],
      [3, "failed"],
    ] as const) {
      const path = await aWritePath({
        records,
        online: () => ({ kind: "failed", reason: "ValidationError" }),
      });

      await call(path.ports, () =>
        writeChunks({ Records: [message("m", JSON.stringify(REFERENCE), receives)] }, context),
      );

      const chunk = await path.ledger.find({ partition: "chunks#run-1#1", sort: "000000000" });
      expect(chunk?.body.status).toBe(status);
    }
  });

  it("works no longer than its own life, however much Lambda leaves it", async () => {
    const path = await aWritePath({
      records,
      settings: { workerLifeMs: 1_000 },
      onRead: (timer) => timer.advance(1_000),
    });

    const { outcome } = await call(path.ports, () =>
      writeChunks({ Records: [message("m", JSON.stringify(REFERENCE))] }, context),
    );

    expect(outcome).toMatchObject({ value: { batchItemFailures: [{ itemIdentifier: "m" }] } });
    expect(path.calls).toEqual([]);
  });

  it("logs run and chunk, and no identifier", async () => {
    const path = await aWritePath({ records });

    const { logs } = await call(path.ports, () =>
      writeChunks({ Records: [message("m", JSON.stringify(REFERENCE))] }, context),
    );

    expect(logs).toEqual([{ level: "info", message: "chunk", result: "settled", run: "run-1", chunk: 0 }]);
  });
});
