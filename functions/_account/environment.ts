// Decides by which environment variables a function in an account finds what it works with: a port's own, and no more. The
// stacks set them from the same table.

import { InvalidInputError, type Settings, toSettings } from "@steward/core";

const OBJECTS = ["DATA_BUCKET", "STAGING_BUCKET", "EVIDENCE_BUCKET"] as const;
const OFFLINE = [...OBJECTS, "SUPPRESSION_SECRET"] as const;

/** By port. Each stands in the environment after `STEWARD_`. */
export const PORT_VARIABLES = {
  /** An input file is copied to the function's own disk from there. */
  batchEngine: [...OFFLINE, "INCOMING_BUCKET"],
  chunkQueue: ["CHUNK_QUEUE_URL", "CHUNK_DEAD_LETTERS_URL"],
  erasureFiles: OFFLINE,
  /** JSON: where each owner's keys lie, and by which user they are written (hot.ts). */
  hotStore: ["HOT"],
  incoming: ["INCOMING_BUCKET"],
  ledger: ["LEDGER_TABLE"],
  metricHistory: ["METRIC_NAMESPACE"],
  metrics: ["METRIC_NAMESPACE"],
  objects: OBJECTS,
  offlineFiles: OFFLINE,
  /** What a group that is not there yet would be created with. */
  onlineStore: ["OFFLINE_URI", "FEATURE_STORE_ROLE"],
  pacer: ["HOT"],
  pager: ["PAGES_TOPIC"],
  pseudonymiser: ["SUPPRESSION_SECRET"],
  sealer: ["SEAL_SECRET"],
  signer: ["SIGNING_KEY"],
  /** JSON: the ARN of each workflow. */
  stateMachines: ["STATE_MACHINES"],
  /** What stands before the name of a source. */
  streams: ["STREAM_PREFIX"],
} as const;
export type PortName = keyof typeof PORT_VARIABLES;
export type VariableName = (typeof PORT_VARIABLES)[PortName][number];

const PREFIX = "STEWARD_";

/** @throws InvalidInputError naming the variable that is missing. */
export function variable(name: VariableName): string {
  const value = process.env[PREFIX + name];
  if (value === undefined || value === "")
    throw new InvalidInputError(`the environment has no ${PREFIX}${name}`);
  return value;
}

/** @throws InvalidInputError naming the variable that is missing, or is no JSON. */
export function jsonVariable(name: VariableName): unknown {
  return parse(name, variable(name));
}

/** Those of `STEWARD_SETTINGS`, JSON, in place of core's own; without it, core's own. */
export function accountSettings(): Settings {
  const given = process.env[`${PREFIX}SETTINGS`];
  return toSettings(given === undefined ? {} : (parse("SETTINGS", given) as Partial<Settings>));
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInputError(`${PREFIX}${name} is not JSON`);
  }
}
