// The remediation as a definition, then on the interpreter: every way through it leads somewhere, every step is timed,
// tried again and caught.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Json, LeaseHeldError, UnavailableError } from "@steward/core";
import { type RemediationTasks, remediationWorkflow } from "@steward/workflows/remediation.ts";
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
const tasks: RemediationTasks = {
  acquireLease: `${LAMBDA}acquire-lease`,
  diagnoseIncident: `${LAMBDA}diagnose-incident`,
  applyRemedy: `${LAMBDA}apply-remedy`,
  awaitRemedy: `${LAMBDA}await-remedy`,
  confirmRecovery: `${LAMBDA}confirm-recovery`,
  closeIncident: `${LAMBDA}close-incident`,
  pageOwner: `${LAMBDA}page-owner`,
  failRun: `${LAMBDA}fail-run`,
};
const machine = remediationWorkflow({ tasks });
const taskStates = tasksOf(machine);

describe("remediationWorkflow", () => {
  it("passes the validator, leads nowhere that is not, and reaches every state", () => {
    const { isValid, errorsText } = validate(machine);

    expect(isValid ? "" : errorsText()).toBe("");
    expect(danglingEdges(machine)).toEqual([]);
    expect(reachableFrom(machine, machine.StartAt)).toEqual(new Set(Object.keys(machine.States)));
  });

  it("applies no remedy that was not decided, and closes nothing that was not confirmed or found closed", () => {
    expect(reachableFrom(machine, machine.StartAt, ["Diagnose incident"])).not.toContain("Apply remedy");
    expect(reachableFrom(machine, "Apply remedy", ["Confirm recovery", "Diagnose incident"])).not.toContain(
      "Close incident",
    );
  });

  it("keeps to what the local engine and AWS read alike", () => {
    expect(JSON.stringify(machine)).not.toMatch(
      /Assign|\$\$\.|\$states|Timestamp|"IsPresent":false|QueryLanguage|HeartbeatSeconds|waitForTaskToken/,
    );
  });

  it("can wait eight hours for a remedy inside 25,000 events of history", () => {
    const wait = machine.States["Wait for the remedy"];
    const roundSeconds = 10 + (wait?.Type === "Wait" ? wait.Seconds : 0);

    expect(((8 * 3_600) / roundSeconds) * 13).toBeLessThan(25_000);
  });

  it.each(taskStates)(
    "%s is timed, tried again with reason, caught, and a file under its name",
    (name, task) => {
      expect(task.TimeoutSeconds).toBeGreaterThan(0);
      expect(unfoundedRetries(task)).toEqual([]);
      expect(task.Catch).toMatchObject([
        { ErrorEquals: ["States.ALL"], Next: name === "Fail run" ? "Remediation failed" : "Fail run" },
      ]);
      const file = `${name.toLowerCase().replaceAll(" ", "-")}.ts`;
      expect(task.Resource).toBe(`${LAMBDA}${file.replace(".ts", "")}`);
      expect(existsSync(join(ROOT, "functions/remediation", file))).toBe(true);
      expect(existsSync(join(ROOT, "packages/core/src/remediation", file))).toBe(true);
    },
  );
});

describe("the remediation on the interpreter", () => {
  let bench: InterpreterBench;
  let entered: string[];

  beforeEach(() => {
    bench = new InterpreterBench();
    entered = [];
  });

  afterEach(async () => {
    expect(await bench.close()).toEqual([]);
  });

  it("applies, awaits and confirms a remedy, then closes the incident", async () => {
    const run = await remedy({});

    expect(run.status).toBe("succeeded");
    expect(entered).toEqual([
      "Acquire lease",
      "Diagnose incident",
      "What is to be done?",
      "Apply remedy",
      "Could it be applied?",
      "Await remedy",
      "Is the remedy over?",
      "Confirm recovery",
      "Has it recovered?",
      "Close incident",
      "Remedied",
    ]);
  });

  it("decides again after a remedy that was refused, that failed, or that did not help, and pages in the end", async () => {
    const run = await remedy({
      diagnoseIncident: [{ next: "apply" }, { next: "apply" }, { next: "apply" }, { next: "page" }],
      applyRemedy: [{ applied: false }],
      awaitRemedy: [{ outcome: "again" }],
      confirmRecovery: [{ outcome: "again" }],
    });

    expect(run.status).toBe("succeeded");
    expect(entered.filter((state) => state === "Diagnose incident")).toHaveLength(4);
    expect(entered.slice(-2)).toEqual(["Page owner", "Remedied"]);
  });

  it.each([
    ["page", "Page owner"],
    ["close", "Close incident"],
  ])("goes straight from the decision to %s to %s, and applies nothing", async (next, state) => {
    const run = await remedy({ diagnoseIncident: [{ next }] });

    expect(run.status).toBe("succeeded");
    expect(entered).toContain(state);
    expect(entered).not.toContain("Apply remedy");
  });

  it("only looks on where all is well again", async () => {
    await remedy({ diagnoseIncident: [{ next: "confirm" }] });

    expect(entered).toContain("Confirm recovery");
    expect(entered).not.toContain("Apply remedy");
  });

  it.each([
    ["Wait to decide", "Diagnose incident", { diagnoseIncident: [{ next: "pause" }] }],
    ["Wait for the remedy", "Await remedy", { awaitRemedy: [{ outcome: "open" }] }],
    ["Wait for the metric", "Confirm recovery", { confirmRecovery: [{ outcome: "open" }] }],
  ] as const)("%s leads back to %s", async (wait, next, script) => {
    const run = await remedy(script);

    expect(run.status).toBe("succeeded");
    expect(entered[entered.indexOf(wait) + 1]).toBe(next);
  });

  it("goes on after a store was away, and fails at once when another looks after the group", async () => {
    const patient = await remedy({ diagnoseIncident: [new UnavailableError("Redis is away")] });
    const refused = await remedy({ acquireLease: [new LeaseHeldError("run r0 is at work")] }, "r2");

    expect(patient.status).toBe("succeeded");
    expect(refused).toMatchObject({ status: "failed", error: "RemediationFailed" });
    expect(entered).toContain("Fail run");
  });

  /** As it is, but that it does not wait. */
  const hasty = {
    ...machine,
    States: Object.fromEntries(
      Object.entries(machine.States).map(([name, state]) => [
        name,
        state.Type === "Wait" ? { ...state, Seconds: 0 } : state,
      ]),
    ),
  };

  const ANSWERS: Partial<Record<keyof RemediationTasks, Json>> = {
    diagnoseIncident: { next: "apply" },
    applyRemedy: { applied: true },
    awaitRemedy: { outcome: "ended" },
    confirmRecovery: { outcome: "recovered" },
  };

  async function remedy(
    script: Partial<Record<keyof RemediationTasks, readonly (Json | Error)[]>>,
    runId = "r1",
  ) {
    const scripted = Object.entries(tasks).map(([name, resource]) => {
      const key = name as keyof RemediationTasks;
      const answers = [...(script[key] ?? [])];
      const task = async (): Promise<Json> => {
        const answer = answers.shift() ?? ANSWERS[key] ?? {};
        if (answer instanceof Error) throw answer;
        return answer;
      };
      return [resource, task] as const;
    });
    const machines = bench.open(JSON.parse(JSON.stringify(hasty)), Object.fromEntries(scripted), {
      onState: (_machine, _execution, state) => entered.push(state),
    });
    await machines.start("m", runId, { runId, attempt: 1, group: "g", begin: "plan" });
    return machines.settled("m", runId);
  }
});
