import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSfnClient, InterpreterStateMachines, SfnStateMachines, SqliteLedger } from "@steward/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aChain, aScriptedTask } from "../../support/state-machine-fixtures.ts";
import {
  openStepFunctionsEndpoint,
  STATE_MACHINE_ARN_PREFIX,
  type StepFunctionsEndpoint,
} from "../../support/step-functions-endpoint.ts";
import { describeStateMachines, type OpenStateMachines } from "../ports/state-machines.ts";

const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

interface Opened extends Awaited<ReturnType<OpenStateMachines>> {
  readonly endpoint: StepFunctionsEndpoint;
}

const open = async (setup: Parameters<OpenStateMachines>[0]): Promise<Opened> => {
  const folder = mkdtempSync(join(tmpdir(), "sfn-"));
  const ledger = new SqliteLedger({ file: join(folder, "ledger.sqlite") });
  const behind = new InterpreterStateMachines({ ledger, ...setup });
  const endpoint = await openStepFunctionsEndpoint(behind);
  const client = createSfnClient({ region: "eu-west-1", endpoint: endpoint.url, credentials: CREDENTIALS });
  const names = [...Object.keys(setup.machines), "deleted"];
  const stateMachineArns = Object.fromEntries(names.map((name) => [name, STATE_MACHINE_ARN_PREFIX + name]));
  return {
    machines: new SfnStateMachines({ client, stateMachineArns }),
    endpoint,
    close: async () => {
      client.destroy();
      await endpoint.close();
      await behind.close();
      ledger.close();
      rmSync(folder, { recursive: true });
    },
  };
};

describeStateMachines("SfnStateMachines", open);

describe("SfnStateMachines", () => {
  let opened: Opened;

  beforeEach(async () => {
    opened = await open({ machines: { first: aChain("First") }, tasks: { first: aScriptedTask([]).task } });
  });

  afterEach(() => opened.close());

  it("asks by the ARN of the execution, made from that of the machine", async () => {
    const { machines, endpoint } = opened;

    await machines.start("first", "r1", { a: 1 });
    await machines.describe("first", "r1");

    expect(endpoint.requests).toEqual([
      {
        operation: "StartExecution",
        body: {
          stateMachineArn: "arn:aws:states:eu-west-1:123456789012:stateMachine:first",
          name: "r1",
          input: '{"a":1}',
        },
      },
      {
        operation: "DescribeExecution",
        body: { executionArn: "arn:aws:states:eu-west-1:123456789012:execution:first:r1" },
      },
    ]);
  });

  it("says that a machine which AWS no longer has is not found", async () => {
    await expect(opened.machines.start("deleted", "r1", {})).rejects.toMatchObject({ name: "NotFoundError" });
  });

  it("tries again when it is throttled", async () => {
    const { machines, endpoint } = opened;
    await machines.start("first", "r1", {});
    endpoint.failNext({ name: "ThrottlingException", status: 400 });

    const { name } = await machines.describe("first", "r1");

    expect(name).toBe("r1");
    expect(endpoint.requests).toHaveLength(3);
  });

  it("is unavailable when throttling, a fault of the service or a closed port outlast the tries", async () => {
    const { machines, endpoint } = opened;
    const unavailable = { name: "UnavailableError", retryable: true };
    await machines.start("first", "r1", {});

    endpoint.failNext(...Array(4).fill({ name: "ThrottlingException", status: 400 }));
    await expect(machines.describe("first", "r1")).rejects.toMatchObject(unavailable);
    endpoint.failNext(...Array(4).fill({ name: "Odd", status: 500 }));
    await expect(machines.describe("first", "r1")).rejects.toMatchObject(unavailable);
    await endpoint.close();
    await expect(machines.describe("first", "r1")).rejects.toMatchObject(unavailable);
  });

  it("is unavailable, not without the execution, while one that was started cannot be described yet", async () => {
    const { machines, endpoint } = opened;
    endpoint.failNext(
      { name: "ExecutionAlreadyExists", status: 400 },
      { name: "ExecutionDoesNotExist", status: 400 },
    );

    await expect(machines.start("first", "r1", {})).rejects.toMatchObject({ name: "UnavailableError" });
  });

  it("is unavailable while the account has as many executions as it may", async () => {
    opened.endpoint.failNext({ name: "ExecutionLimitExceeded", status: 400 });

    await expect(opened.machines.start("first", "r1", {})).rejects.toMatchObject({
      name: "UnavailableError",
    });
  });

  it("passes on an error that it does not know", async () => {
    opened.endpoint.failNext({ name: "AccessDeniedException", status: 400 });

    await expect(opened.machines.start("first", "r1", {})).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });

  it("refuses what is not the ARN of a state machine", async () => {
    const client = createSfnClient({
      region: "eu-west-1",
      endpoint: opened.endpoint.url,
      credentials: CREDENTIALS,
    });
    const stateMachineArns = { first: "arn:aws:states:eu-west-1:123456789012:activity:first" };
    const machines = new SfnStateMachines({ client, stateMachineArns });

    await expect(machines.describe("first", "r1")).rejects.toMatchObject({ name: "InvalidInputError" });
    expect(opened.endpoint.requests).toEqual([]);
  });
});
