// What every adapter of port StateMachines does, whatever runs underneath.

import { type Execution, type Json, type StateMachines, UnavailableError } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Asl,
  aChain,
  aScriptedTask,
  HeldTask,
  type TestTask,
} from "../../support/state-machine-fixtures.ts";

export interface StateMachinesBackend {
  readonly machines: StateMachines;
  close(): Promise<void>;
}

export type OpenStateMachines = (setup: {
  readonly machines: Record<string, Asl>;
  readonly tasks: Record<string, TestTask>;
}) => Promise<StateMachinesBackend>;

export function describeStateMachines(adapter: string, open: OpenStateMachines): void {
  describe(`StateMachines: ${adapter}`, () => {
    let backend: StateMachinesBackend;
    let machines: StateMachines;
    let held: HeldTask;
    let first: ReturnType<typeof aScriptedTask>;
    let second: ReturnType<typeof aScriptedTask>;

    beforeEach(async () => {
      held = new HeldTask();
      first = aScriptedTask([], (input) => ({ first: input }));
      second = aScriptedTask([new UnavailableError("the shelf is closed")]);
      backend = await open({
        machines: { hold: aChain("Hold"), steps: aChain("First", "Second"), first: aChain("First") },
        tasks: { hold: held.task, first: first.task, second: second.task },
      });
      machines = backend.machines;
    });

    afterEach(async () => {
      held.finish(null);
      await backend.close();
    });

    const ended = async (machine: string, name: string): Promise<Execution> => {
      let execution = await machines.describe(machine, name);
      while (execution.status === "running") {
        await new Promise((resolve) => setTimeout(resolve, 5));
        execution = await machines.describe(machine, name);
      }
      return execution;
    };

    describe("start", () => {
      it("runs the machine to its end and keeps the output", async () => {
        const input = { text: 'ä \u2028 "quoted"', list: [1, 2.5, null, true], empty: {} };

        await machines.start("first", "r1", input);

        expect(await ended("first", "r1")).toEqual({
          machine: "first",
          name: "r1",
          status: "succeeded",
          error: undefined,
          cause: undefined,
          output: { first: { text: 'ä \u2028 "quoted"', list: [1, 2.5, null, true], empty: {} } },
        });
      });

      it("returns while the execution still runs", async () => {
        await machines.start("hold", "r1", {});

        expect((await machines.describe("hold", "r1")).status).toBe("running");
      });

      it("starts nothing when the name is started again with the same input", async () => {
        await machines.start("hold", "r1", { a: 1, b: 2 });
        await held.called();

        await machines.start("hold", "r1", { a: 1, b: 2 });

        held.finish("done");
        expect((await ended("hold", "r1")).output).toBe("done");
        expect(held.inputs).toEqual([{ a: 1, b: 2 }]);
      });

      it("starts nothing when an execution of that name and input has ended", async () => {
        await machines.start("first", "r1", { a: 1 });
        await ended("first", "r1");

        await machines.start("first", "r1", { a: 1 });

        expect((await ended("first", "r1")).output).toEqual({ first: { a: 1 } });
        expect(first.inputs).toHaveLength(1);
      });

      it("refuses a name that is taken by another input, running or ended", async () => {
        await machines.start("hold", "r1", { a: 1 });
        await machines.start("first", "r1", { a: 1 });
        await ended("first", "r1");

        await expect(machines.start("hold", "r1", { a: 2 })).rejects.toThrow(named("InvalidInputError"));
        await expect(machines.start("first", "r1", { a: 2 })).rejects.toThrow(named("InvalidInputError"));
      });

      it("keeps the executions of two machines apart though they share a name", async () => {
        await machines.start("first", "r1", 1);
        await machines.start("hold", "r1", 2);
        held.finish(3);

        expect((await ended("first", "r1")).output).toEqual({ first: 1 });
        expect((await ended("hold", "r1")).output).toBe(3);
      });

      it("refuses an unknown machine, a name with a blank and an input above 256 KiB", async () => {
        const huge: Json = "x".repeat(256 * 1_024 - 1);

        await expect(machines.start("none", "r1", {})).rejects.toThrow(named("NotFoundError"));
        await expect(machines.start("first", "r 1", {})).rejects.toThrow(named("InvalidInputError"));
        await expect(machines.start("first", "r1", huge)).rejects.toThrow(named("InvalidInputError"));
        expect(first.inputs).toEqual([]);
      });
    });

    describe("describe", () => {
      it("names the error and gives its message as a plain cause", async () => {
        await machines.start("steps", "r1", 1);

        expect(await ended("steps", "r1")).toMatchObject({
          status: "failed",
          error: "UnavailableError",
          cause: "the shelf is closed",
          output: undefined,
        });
      });

      it("does not find an execution that was never started", async () => {
        await expect(machines.describe("first", "r1")).rejects.toThrow(named("NotFoundError"));
        await expect(machines.describe("none", "r1")).rejects.toThrow(named("NotFoundError"));
        await expect(machines.describe("first", "r 1")).rejects.toThrow(named("NotFoundError"));
      });
    });

    describe("stop", () => {
      it("ends a running execution and keeps the reason", async () => {
        await machines.start("hold", "r1", {});
        await held.called();

        await machines.stop("hold", "r1", "cancelled by hand");

        expect(await ended("hold", "r1")).toMatchObject({ status: "aborted", cause: "cancelled by hand" });
      });

      it("lets no later task run, and no late result change the status", async () => {
        await machines.start("hold", "r1", {});
        await held.called();
        await machines.stop("hold", "r1", "cancelled by hand");

        held.finish("too late");

        expect(await ended("hold", "r1")).toMatchObject({ status: "aborted", output: undefined });
      });

      it("leaves an ended execution as it is", async () => {
        await machines.start("first", "r1", 1);
        await ended("first", "r1");

        await machines.stop("first", "r1", "too late");

        expect(await machines.describe("first", "r1")).toMatchObject({
          status: "succeeded",
          cause: undefined,
        });
      });

      it("does not find an execution that was never started", async () => {
        await expect(machines.stop("first", "r1", "x")).rejects.toThrow(named("NotFoundError"));
      });
    });

    describe("resume", () => {
      it("runs a failed execution again from the failed state, with the input that state had", async () => {
        await machines.start("steps", "r1", 1);
        await ended("steps", "r1");

        await machines.resume("steps", "r1");

        expect(await ended("steps", "r1")).toMatchObject({
          status: "succeeded",
          output: { first: 1 },
          error: undefined,
          cause: undefined,
        });
        expect(first.inputs).toEqual([1]);
        expect(second.inputs).toEqual([{ first: 1 }, { first: 1 }]);
      });

      it("continues a stopped execution from the state that it stood in", async () => {
        await machines.start("hold", "r1", { a: 1 });
        await held.called();
        await machines.stop("hold", "r1", "cancelled by hand");
        held.finish("done");

        await machines.resume("hold", "r1");

        expect(await ended("hold", "r1")).toMatchObject({
          status: "succeeded",
          output: "done",
          cause: undefined,
        });
        expect(held.inputs).toEqual([{ a: 1 }, { a: 1 }]);
      });

      it("leaves a running and a succeeded execution as they are", async () => {
        await machines.start("hold", "r1", {});
        await machines.start("first", "r1", 1);
        await ended("first", "r1");
        await held.called();

        await machines.resume("hold", "r1");
        await machines.resume("first", "r1");

        held.finish("done");
        expect((await ended("hold", "r1")).output).toBe("done");
        expect(held.inputs).toHaveLength(1);
        expect(first.inputs).toHaveLength(1);
      });

      it("does not find an execution that was never started", async () => {
        await expect(machines.resume("first", "r1")).rejects.toThrow(named("NotFoundError"));
        await expect(machines.resume("none", "r1")).rejects.toThrow(named("NotFoundError"));
      });
    });
  });
}

function named(name: string) {
  return expect.objectContaining({ name });
}
