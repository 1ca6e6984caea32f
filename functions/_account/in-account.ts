// Decides how a handler comes to its adapters in an account: those that its code reaches are opened at its first call, and asking
// for any other is an error that says so.

import { randomUUID } from "node:crypto";
import { SystemTimer, TimeSortedIds } from "@steward/adapters";
import { type ControlPorts, type Definitions, type Holders, InvalidInputError, toIso } from "@steward/core";
import { AuditTrail } from "../_runtime/api-audit.ts";
import { type Scope, withScope } from "../_runtime/scope.ts";
import { accountSettings, type PortName } from "./environment.ts";
import { once } from "./once.ts";
import { systemClock } from "./system-clock.ts";

/** By port, what opens it: generated from stacks/needs.json. */
export type Openers = { readonly [P in PortName]?: () => Promise<ControlPorts[P]> };

export interface AccountParts {
  readonly definitions: Definitions;
  readonly openers: Openers;
  /** Whether requests come in, which are written down. */
  readonly isAudited?: boolean;
}

/** Nobody can tell from here whether another function still lives: its lease lapses. */
const holder = `function:${randomUUID()}`;
const holders: Holders = { current: () => holder, isGone: () => false };

export function inAccount<Event, Context, Result>(
  step: (event: Event, context: Context) => Promise<Result>,
  parts: AccountParts,
): (event: Event, context: Context) => Promise<Result> {
  const open = once(() => openScope(parts));
  return async (event, context) => withScope(await open(), () => step(event, context));
}

async function openScope({ definitions, openers, isAudited = false }: AccountParts): Promise<Scope> {
  const timer = new SystemTimer();
  const names = Object.keys(openers) as readonly PortName[];
  const opened = await Promise.all(names.map(async (name) => [name, await openers[name]?.()] as const));
  const ports = onlyThese({
    clock: systemClock,
    definitions,
    holders,
    ids: new TimeSortedIds({ timer }),
    settings: accountSettings(),
    timer,
    ...Object.fromEntries(opened),
  });
  return {
    ports,
    control: () => ports,
    log: (entry) => process.stdout.write(`${JSON.stringify({ at: toIso(systemClock.now()), ...entry })}\n`),
    ...(isAudited && { audit: new AuditTrail(ports) }),
  };
}

/** A spread takes those that there are. */
function onlyThese(ports: Partial<ControlPorts>): ControlPorts {
  const guarded = new Proxy(ports, {
    get(target, name) {
      if (typeof name === "string" && !(name in target))
        throw new InvalidInputError(`this function was not given the port "${name}": npm run needs`);
      return Reflect.get(target, name);
    },
  });
  return guarded as ControlPorts; // what is missing says so itself
}
