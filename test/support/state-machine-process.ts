// A process that runs executions and can be killed: started by fork, told what to do by messages, over a ledger file.
// Every call of a task is a line in the log; its effect is a line too, written once however often it is called.

import { appendFileSync, readFileSync } from "node:fs";
import { InterpreterStateMachines, SqliteLedger } from "@steward/adapters";
import type { Json } from "@steward/core";
import { type Command, PROCESS_MACHINES, STEPS } from "./state-machine-processes.ts";

const [ledgerFile = "", calls = "", effects = "", haltAt = "", halt = "never"] = process.argv.slice(2);

const tasks = Object.fromEntries(
  STEPS.map((step) => [step.toLowerCase(), (input: Json) => act(step, input)]),
);

const machines = new InterpreterStateMachines({
  ledger: new SqliteLedger({ file: ledgerFile }),
  machines: PROCESS_MACHINES,
  tasks,
  stopPollMs: 20,
  onState: (_machine, name, state) => process.send?.({ kind: "entered", name, state }),
});

process.on("message", async (command: Command) => {
  const { kind, machine, name } = command;
  if (kind === "start") await machines.start(machine, name, { name });
  if (kind === "resume") await machines.resume(machine, name);
  const execution = kind === "settled" ? await machines.settled(machine, name) : undefined;
  process.send?.({ kind: "done", of: kind, name, execution });
});

process.send?.({ kind: "ready" });

async function act(step: string, input: Json): Promise<Json> {
  const { name } = input as { readonly name: string };
  const line = `${name} ${step}`;
  appendFileSync(calls, `${line}\n`);
  if (step === haltAt && halt === "before") await stand(name);
  if (!readFileSync(effects, "utf8").split("\n").includes(line)) appendFileSync(effects, `${line}\n`);
  if (step === haltAt && halt === "after") await stand(name);
  return input;
}

function stand(name: string): Promise<never> {
  process.send?.({ kind: "halted", name });
  return new Promise(() => undefined);
}
