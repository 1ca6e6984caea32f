// The erasure as a definition, then on the interpreter: the order of the protocol holds on every way through it, every step
// is timed, tried again and caught.

import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  DataRejectedError,
  DifferencesFoundError,
  type Json,
  LeaseHeldError,
  UnavailableError,
} from "@steward/core";
import { type ErasureTasks, erasureWorkflow } from "@steward/workflows/erasure.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InterpreterBench } from "../support/interpreter-bench.ts";
import {
  danglingEdges,
  reachableFrom,
  tasksOf,
  unfoundedRetries,
  validate,
} from "../support/machine-rules.ts";

const ROOT = join(import.meta.dirname, "../..");
const LAMBDA = "arn:aws:lambda:eu-central-1:123456789012:function:";
const NAMES = {
  acquireLease: "acquire-lease",
  planErasure: "plan-erasure",
  suppressSubjects: "suppress-subjects",
  eraseReadable: "erase-readable",
  awaitDrain: "await-drain",
  hardDelete: "hard-delete",
  awaitOfflineBuffer: "await-offline-buffer",
  eraseOffline: "erase-offline",
  eraseEvents: "erase-events",
  scanCopies: "scan-copies",
  signCertificate: "sign-certificate",
  finishErasure: "finish-erasure",
  failRun: "fail-run",
} as const satisfies Record<keyof ErasureTasks, string>;
const tasks = Object.fromEntries(
  Object.entries(NAMES).map(([task, name]) => [task, `${LAMBDA}${name}`]),
) as unknown as ErasureTasks;
const machine = erasureWorkflow({ tasks });
const taskStates = tasksOf(machine);

describe("erasureWorkflow", () => {
  it("passes the validator, leads nowhere that is not, and reaches every state", () => {
    const { isValid, errorsText } = validate(machine);

    expect(isValid ? "" : errorsText()).toBe("");
    expect(danglingEdges(machine)).toEqual([]);
    expect(reachableFrom(machine, machine.StartAt)).toEqual(new Set(Object.keys(machine.States)));
  });

  it.each(taskStates)(
    "%s is timed, tried again with reason, caught, and a file under its name",
    (name, task) => {
      expect(task.TimeoutSeconds).toBeGreaterThan(0);
      expect(
        unfoundedRetries(task).filter((retry) => name !== "Acquire lease" || !retry.includes("LeaseHeld")),
      ).toEqual([]);
      const caught = name === "Erase offline" ? task.Catch?.slice(1) : task.Catch;
      expect(caught).toMatchObject([
        { ErrorEquals: ["States.ALL"], Next: name === "Fail run" ? "Erasure failed" : "Fail run" },
      ]);
      const file = `${name.toLowerCase().replaceAll(" ", "-")}.ts`;
      expect(task.Resource).toBe(`${LAMBDA}${file.replace(".ts", "")}`);
      expect(existsSync(join(ROOT, "functions/erasure", file))).toBe(true);
      expect(existsSync(join(ROOT, "packages/core/src/erasure", file))).toBe(true);
    },
  );

  it("hands runs on by their names alone", () => {
    for (const [name, { Parameters }] of taskStates) {
      const { "runId.$": runId, "attempt.$": attempt, "error.$": error, ...rest } = Parameters;

      expect({ runId, attempt }).toEqual({ runId: "$.runId", attempt: "$.attempt" });
      expect(rest).toEqual({});
      expect(error).toBe(name === "Fail run" ? "$.error" : undefined);
    }
  });

  it.each([
    ["Erase readable", "Suppress subjects"],
    ["Await drain", "Erase readable"],
    ["Hard delete", "Is all drained?"],
    ["Sign certificate", "Is nothing left?"],
    ["Sign certificate", "Erase offline"],
    ["Sign certificate", "Erase events"],
  ])("never reaches %s but through %s", (later, earlier) => {
    const withoutFinish = reachableFrom(machine, "Plan erasure", [earlier]);

    expect(withoutFinish).not.toContain(later);
  });
});

describe("the erasure on the interpreter", () => {
  let bench: InterpreterBench;
  let entered: string[];

  beforeEach(() => {
    bench = new InterpreterBench();
    entered = [];
  });

  afterEach(async () => {
    expect(await bench.close()).toEqual([]);
  });

  it("goes through the protocol in its order, to the certificate", async () => {
    const run = await erase({});

    expect(run.status).toBe("succeeded");
    expect(entered.filter((state) => !state.endsWith("?"))).toEqual([
      "Acquire lease",
      "Plan erasure",
      "Suppress subjects",
      "Erase readable",
      "Await drain",
      "Hard delete",
      "Await offline buffer",
      "Erase offline",
      "Erase events",
      "Scan copies",
      "Sign certificate",
      "Certified",
    ]);
  });

  it("passes over the files and scans once more when it finishes, and suppresses nothing anew", async () => {
    const run = await erase({ acquireLease: [{ finishes: true }] });

    expect(run.status).toBe("succeeded");
    expect(entered.filter((state) => !state.endsWith("?"))).toEqual([
      "Acquire lease",
      "Erase offline",
      "Erase events",
      "Scan copies",
      "Finish erasure",
      "Finished",
    ]);
  });

  it("deletes again where the scan still finds something, and signs only once it finds nothing", async () => {
    const run = await erase({ scanCopies: [{ clean: false }, { clean: true }] });

    expect(run.status).toBe("succeeded");
    expect(entered.filter((state) => state === "Hard delete")).toHaveLength(2);
    expect(entered.filter((state) => state === "Sign certificate")).toHaveLength(1);
  });

  it("erases the events although an offline file was refused, and only then fails", async () => {
    const run = await erase({ eraseOffline: [new DataRejectedError("the file one.parquet has INT96")] });

    expect(run).toMatchObject({ status: "failed", error: "ErasureFailed" });
    expect(entered.slice(-5)).toEqual([
      "Erase offline",
      "Erase events",
      "Was a file refused?",
      "Fail run",
      "Erasure failed",
    ]);
  });

  it("waits its turn while another erasure of the entity is at work", async () => {
    const run = await erase({ acquireLease: [new LeaseHeldError("run r0 is at work"), { finishes: false }] });

    expect(run.status).toBe("succeeded");
    expect(entered.at(-1)).toBe("Certified");
  });

  it("goes on after a store was away, and fails without a certificate when the scan gives up", async () => {
    const patient = await erase({ eraseReadable: [new UnavailableError("Redis is away")] });
    entered = [];
    const failed = await erase({ scanCopies: [new DifferencesFoundError("still there")] }, "r2");

    expect(patient.status).toBe("succeeded");
    expect(failed).toMatchObject({ status: "failed", error: "ErasureFailed" });
    expect(entered).not.toContain("Sign certificate");
    expect(entered.slice(-2)).toEqual(["Fail run", "Erasure failed"]);
  });

  const ANSWERS: Partial<Record<keyof ErasureTasks, Json>> = {
    acquireLease: { finishes: false },
    awaitDrain: { drained: true },
    awaitOfflineBuffer: { empty: true },
    scanCopies: { clean: true },
  };

  async function erase(script: Partial<Record<keyof ErasureTasks, readonly (Json | Error)[]>>, runId = "r1") {
    const scripted = Object.entries(tasks).map(([name, resource]) => {
      const answers = [...(script[name as keyof ErasureTasks] ?? [])];
      const task = async (): Promise<Json> => {
        const answer = answers.shift() ?? ANSWERS[name as keyof ErasureTasks] ?? {};
        if (answer instanceof Error) throw answer;
        return answer;
      };
      return [resource, task] as const;
    });
    const machines = bench.open(JSON.parse(JSON.stringify(machine)), Object.fromEntries(scripted), {
      onState: (_machine, _execution, state) => entered.push(state),
    });
    await machines.start("m", runId, { runId, attempt: 1, group: "g", begin: "plan" });
    return machines.settled("m", runId);
  }
});
