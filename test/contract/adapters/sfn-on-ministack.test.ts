// The adapter of Step Functions against MiniStack, on what MiniStack keeps of the port: machines without tasks, and no
// redrive. The port's whole suite runs over its wire in sfn-state-machines.test.ts.

import { CreateStateMachineCommand } from "@aws-sdk/client-sfn";
import { createSfnClient, SfnStateMachines } from "@steward/adapters";
import type { Execution } from "@steward/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsOptions, uniqueName } from "../../support/aws-resources.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";

const ROLE = "arn:aws:iam::123456789012:role/workflows";
const DEFINITIONS = {
  wait: { Type: "Wait", Seconds: 60, End: true },
  pass: { Type: "Pass", End: true },
  fail: { Type: "Fail", Error: "UnavailableError", Cause: '{"errorMessage":"the shelf is closed"}' },
};

let ministack: MiniStack;
let client: ReturnType<typeof createSfnClient>;
let machines: SfnStateMachines;
beforeAll(async () => {
  ministack = await startMiniStack();
  client = createSfnClient(awsOptions(ministack.url));
  const stateMachineArns: Record<string, string> = { gone: "" };
  for (const [name, state] of Object.entries(DEFINITIONS)) {
    const definition = JSON.stringify({ StartAt: "Only", States: { Only: state } });
    const command = new CreateStateMachineCommand({ name: uniqueName(name), definition, roleArn: ROLE });
    const { stateMachineArn = "" } = await client.send(command);
    stateMachineArns[name] = stateMachineArn;
    stateMachineArns.gone = `${stateMachineArn}-gone`;
  }
  machines = new SfnStateMachines({ client, stateMachineArns });
}, 300_000);
afterAll(async () => {
  client.destroy();
  await ministack.stop();
});

async function ended(machine: string): Promise<Execution> {
  for (;;) {
    const execution = await machines.describe(machine, "r1");
    if (execution.status !== "running") return execution;
  }
}

describe("SfnStateMachines on MiniStack", () => {
  it("takes the same name with an equal input again, running or ended, and refuses it with another", async () => {
    for (const machine of ["wait", "pass"]) {
      await machines.start(machine, "again", { a: 1, b: [2] });

      await expect(machines.start(machine, "again", { b: [2], a: 1 })).resolves.toBeUndefined();
      await expect(machines.start(machine, "again", { a: 2 })).rejects.toMatchObject({
        name: "InvalidInputError",
      });
    }
  });

  it("gives the output of one that succeeded, and error and plain cause of one that failed", async () => {
    await machines.start("pass", "r1", { a: [1, null] });
    await machines.start("fail", "r1", {});

    expect(await ended("pass")).toMatchObject({ status: "succeeded", output: { a: [1, null] } });
    expect(await ended("fail")).toMatchObject({
      status: "failed",
      error: "UnavailableError",
      cause: "the shelf is closed",
      output: undefined,
    });
  });

  it("stops one that runs and keeps the reason; one that has ended stays as it is", async () => {
    await machines.start("wait", "r1", {});
    expect((await machines.describe("wait", "r1")).status).toBe("running");

    await machines.stop("wait", "r1", "cancelled by hand");
    await machines.stop("wait", "r1", "and again");

    expect(await ended("wait")).toMatchObject({ status: "aborted", cause: "cancelled by hand" });
  });

  it("finds neither an execution nor a machine that is not there", async () => {
    const missing = { name: "NotFoundError" };

    await expect(machines.describe("pass", "none")).rejects.toMatchObject(missing);
    await expect(machines.stop("pass", "none", "x")).rejects.toMatchObject(missing);
    await expect(machines.start("gone", "r1", {})).rejects.toMatchObject(missing);
  });
});
