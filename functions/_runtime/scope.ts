// Decides which adapters a handler works with: those of the scope that it is called in, so that one process can hold
// several platforms. On Lambda the entry sets the scope once at cold start.

import { AsyncLocalStorage } from "node:async_hooks";
import { type ControlPorts, InvalidInputError, type Ports } from "@steward/core";
import type { AuditTrail } from "./api-audit.ts";

export interface LogEntry {
  readonly level: "info" | "error";
  readonly message: string;
  readonly [field: string]: string | number | boolean;
}

export interface Scope {
  readonly ports: Ports;
  /** Of handlers that start and end runs themselves; absent: none does here. */
  readonly control?: () => ControlPorts;
  /** Where requests of the API are written down; absent: none come in here. */
  readonly audit?: AuditTrail;
  /** Fields hold names and counts only: never an identifier, never a value. */
  readonly log: (entry: LogEntry) => void;
}

const scopes = new AsyncLocalStorage<Scope>();

/** Runs `work` so that every handler called in it uses this scope. */
export function withScope<T>(scope: Scope, work: () => T): T {
  return scopes.run(scope, work);
}

/** @throws InvalidInputError when the handler was called outside any scope. */
export function currentScope(): Scope {
  const scope = scopes.getStore();
  if (scope === undefined)
    throw new InvalidInputError("no adapters are wired: call the handler inside withScope");
  return scope;
}

/** @throws InvalidInputError where no handler may start runs. */
export function currentControl(): ControlPorts {
  const { control } = currentScope();
  if (control === undefined)
    throw new InvalidInputError("this scope has no state machines: no run can be started in it");
  return control();
}

/** @throws InvalidInputError where no requests may come in. */
export function currentAudit(): AuditTrail {
  const { audit } = currentScope();
  if (audit === undefined) throw new InvalidInputError("this scope has no audit: no request is taken in it");
  return audit;
}
