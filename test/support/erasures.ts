// What the pure and the ledger parts of an erasure are tried with: real ledger, objects and sealer, no stores.

import { AesSealer, HmacPseudonymiser } from "@steward/adapters";
import {
  type ControlPorts,
  DEFAULT_SETTINGS,
  type EpochMs,
  type FeatureGroup,
  type Settings,
  toEpochMs,
} from "@steward/core";
import { aFeatureGroup } from "./builders.ts";
import { aLedger, anObjectStore, DrivenTimer } from "./durable-stores.ts";

export interface ErasureBench {
  readonly ports: ControlPorts;
  readonly timer: DrivenTimer;
  /** Executions that were started, in order. */
  readonly started: string[];
  now: EpochMs;
  readonly dead: Set<string>;
}

export function anErasureBench(
  groups: readonly FeatureGroup[] = [aFeatureGroup()],
  settings: Partial<Settings> = {},
): ErasureBench {
  const timer = new DrivenTimer();
  const started: string[] = [];
  const dead = new Set<string>();
  let runs = 0;
  const bench: ErasureBench = {
    timer,
    started,
    dead,
    now: toEpochMs(1_000_000_000),
    ports: undefined as never,
  };
  const ports: Partial<ControlPorts> = {
    ledger: aLedger(),
    objects: anObjectStore(),
    timer,
    clock: { now: () => bench.now },
    pseudonymiser: new HmacPseudonymiser(new Uint8Array(32).fill(7)),
    sealer: new AesSealer(new Uint8Array(32).fill(9)),
    settings: { ...DEFAULT_SETTINGS, ...settings },
    definitions: {
      list: () => groups,
      get: (name) => groups.find((group) => group.name === name) ?? missing(name),
    },
    holders: { current: () => "me", isGone: (holder) => dead.has(holder) },
    ids: { runId: () => `request-${++runs}` },
    stateMachines: {
      async start(_machine: string, name: string) {
        started.push(name);
      },
    } as unknown as ControlPorts["stateMachines"],
  };
  return Object.assign(bench, { ports: ports as ControlPorts });
}

function missing(name: string): never {
  throw new RangeError(`the test has no group ${name}`);
}
