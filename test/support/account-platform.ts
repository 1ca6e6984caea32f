// A platform of the AWS adapters: what a function works with is opened by its environment, and each is given the ports of
// stacks/needs.json alone. The state machines run on the interpreter, the servers on this machine.

import { InterpreterStateMachines, SystemTimer, TimeSortedIds } from "@steward/adapters";
import {
  type ControlPorts,
  executionName,
  type FeatureGroup,
  GroupList,
  getRun,
  type Ports,
  type Run,
  type Settings,
  toSettings,
} from "@steward/core";
import { OPENERS } from "@steward/functions/_account/openers.ts";
import { systemClock } from "@steward/functions/_account/system-clock.ts";
import { AuditTrail } from "@steward/functions/_runtime/api-audit.ts";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { withScope } from "@steward/functions/_runtime/scope.ts";
import { buildWorkflows, fileOfTask } from "@steward/workflows/inventory.ts";
import { LOCAL_RESOURCES, taskHandlers } from "../../packages/local/src/tasks.ts";
import { startWorkers } from "../../packages/local/src/worker.ts";
import NEEDS from "../../stacks/needs.json" with { type: "json" };

export interface AccountPlatform {
  readonly ports: ControlPorts;
  /** Runs `work` as the function of that name: `api/groups-list`. */
  as<T>(name: string, work: () => Promise<T>): Promise<T>;
  settled(run: Run): Promise<Run>;
  close(): Promise<void>;
}

const COMMON = new Set(["clock", "definitions", "holders", "ids", "settings", "timer"]);

export async function openAccountPlatform(
  groups: readonly FeatureGroup[],
  settings: Partial<Settings>,
): Promise<AccountPlatform> {
  const timer = new SystemTimer();
  const opened: Record<string, unknown> = {};
  for (const [port, open] of Object.entries(OPENERS)) opened[port] = await open();
  const base = {
    ...opened,
    clock: systemClock,
    definitions: new GroupList(groups),
    holders: { current: () => "function:test", isGone: () => false },
    ids: new TimeSortedIds({ timer }),
    settings: toSettings(settings),
    timer,
  } as unknown as Omit<ControlPorts, "stateMachines">; // OPENERS has every other port
  const log: Scope["log"] = () => {};
  const scopeFor = (name: string): Scope => {
    const ports = confined(name, { ...base, stateMachines });
    return { ports, control: () => ports, log, audit: new AuditTrail(ports) };
  };
  const whole: Scope = { ports: base as Ports, log };
  const stateMachines = new InterpreterStateMachines({
    ledger: base.ledger,
    machines: buildWorkflows(LOCAL_RESOURCES),
    tasks: taskHandlers(whole, (workflow, task) => scopeFor(`${workflow}/${fileOfTask(task)}`)),
  });
  const workers = startWorkers(base as Ports, (work) => withScope(scopeFor("writing/write-chunks"), work));
  return {
    ports: { ...base, stateMachines },
    as: (name, work) => withScope(scopeFor(name), work),
    async settled(run) {
      await stateMachines.settled(run.workflow, executionName(run));
      return getRun(base.ledger, run.runId);
    },
    async close() {
      await Promise.all([stateMachines.close(), workers.stop()]);
    },
  };
}

/** @throws Error where the function asks for a port that stacks/needs.json does not give it. */
function confined(name: string, ports: ControlPorts): ControlPorts {
  const needs: Readonly<Record<string, object>> | undefined = (
    NEEDS as Record<string, Record<string, object>>
  )[name];
  if (needs === undefined) throw new Error(`stacks/needs.json has no function "${name}"`);
  return new Proxy(ports, {
    get(target, port) {
      if (typeof port === "string" && !COMMON.has(port) && !(port in needs))
        throw new Error(`${name} was not given the port "${port}"`);
      return Reflect.get(target, port);
    },
    ownKeys: (target) =>
      Reflect.ownKeys(target).filter((port) => COMMON.has(String(port)) || String(port) in needs),
  });
}
