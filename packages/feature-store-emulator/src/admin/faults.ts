// Decides: how faults are ordered from outside.
// Leaves to others: throwing the dice (../faults.ts), counting units (../pace.ts).
import { z } from "zod";
import type { Emulator } from "../emulator.ts";
import { FAULT_STATUS, type FaultName } from "../faults.ts";
import { parseAdminInput } from "./input.ts";

const LATENCY_MS_MAX = 60_000;
const rate = z.number().min(0).max(1).default(0);
const latency = z.number().min(0).max(LATENCY_MS_MAX);
const latencies = z
  .strictObject({ p50: latency.positive(), p99: latency })
  .refine(({ p50, p99 }) => p99 >= p50, "p99 is below p50");
const units = z.number().positive().optional();
const schema = z
  .strictObject({
    group: z.string().min(1).optional(),
    throttleRate: rate,
    errorRate: rate,
    errorName: z.enum(Object.keys(FAULT_STATUS) as [FaultName, ...FaultName[]]).default("InternalFailure"),
    resetRate: rate,
    resetAfterEffectRate: rate,
    partialBatchRate: rate,
    latencyMs: z.union([latency, latencies]).default(0),
    pace: z
      .strictObject({
        writeUnits: units,
        readUnits: units,
        writeUnitsPerRecord: units,
        readUnitsPerRecord: units,
      })
      .optional(),
    seed: z.int().default(1),
  })
  .refine(
    ({ throttleRate, errorRate, resetRate, resetAfterEffectRate }) =>
      throttleRate + errorRate + resetRate + resetAfterEffectRate <= 1,
    "throttleRate, errorRate, resetRate and resetAfterEffectRate exceed 1 together",
  );

/** Replaces the faults of one group, or of all groups that have none of their own. */
export function putFaults(emulator: Emulator, input: unknown): object {
  const { group, ...settings } = parseAdminInput(schema, input);
  emulator.faults.set(group, settings);
  return group === undefined ? settings : { group, ...settings };
}

export function getFaults(emulator: Emulator): object {
  return { faults: emulator.faults.list() };
}

export function deleteFaults(emulator: Emulator): object {
  emulator.faults.clear();
  return {};
}
