// Decides: how faults are ordered from outside.
// Leaves to others: throwing the dice (../faults.ts).
import { z } from "zod";
import type { Emulator } from "../emulator.ts";
import { parseAdminInput } from "./input.ts";

const LATENCY_MS_MAX = 60_000;
const rate = z.number().min(0).max(1).default(0);
const schema = z
  .strictObject({
    group: z.string().min(1).optional(),
    throttleRate: rate,
    errorRate: rate,
    partialBatchRate: rate,
    latencyMs: z.number().min(0).max(LATENCY_MS_MAX).default(0),
    seed: z.int().default(1),
  })
  .refine(
    (faults) => faults.throttleRate + faults.errorRate <= 1,
    "throttleRate and errorRate exceed 1 together",
  );

/** Replaces the faults of one group, or of all groups that have none of their own. */
export function putFaults(emulator: Emulator, input: unknown): object {
  const { group, ...settings } = parseAdminInput(schema, input);
  emulator.faults.set(group, settings);
  return group === undefined ? settings : { group, ...settings };
}

export function deleteFaults(emulator: Emulator): object {
  emulator.faults.clear();
  return {};
}
