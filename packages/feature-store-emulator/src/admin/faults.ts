// Decides: how faults are ordered from outside.
// Leaves to others: throwing the dice (../faults.ts), counting units (../pace.ts).
import { z } from "zod";
import { nameSchema } from "../control/group-schema.ts";
import type { Emulator } from "../emulator.ts";
import { FAULT_STATUS, type FaultName } from "../faults.ts";
import { AWS_PACE } from "../pace.ts";
import { parseAdminInput } from "./input.ts";

const LATENCY_MS_MAX = 60_000;
const DURATION_MS_MAX = 86_400_000;
const rate = z.number().min(0).max(1).default(0);
const latency = z.number().min(0).max(LATENCY_MS_MAX);
const latencies = z
  .strictObject({ p50: latency.positive(), p99: latency })
  .refine(({ p50, p99 }) => p99 >= p50, "p99 is below p50");
const perSecond = z.number().positive().optional();
const paceSchema = z.strictObject(
  {
    writeUnits: perSecond,
    readUnits: perSecond,
    writeUnitsPerRecord: perSecond,
    readUnitsPerRecord: perSecond,
    calls: perSecond,
    batchGetRecordCalls: perSecond,
  },
  { error: (issue) => (issue.code === "invalid_type" ? 'must be "aws" or an object' : undefined) },
);
const schema = z
  .strictObject({
    group: nameSchema.optional(),
    throttleRate: rate,
    errorRate: rate,
    errorName: z.enum(Object.keys(FAULT_STATUS) as [FaultName, ...FaultName[]]).default("InternalFailure"),
    resetRate: rate,
    resetAfterEffectRate: rate,
    partialBatchRate: rate,
    unreadRate: rate,
    latencyMs: z
      .union([latency, latencies], `must be from 0 to ${LATENCY_MS_MAX}, or such a p50 and p99, p50 above 0`)
      .default(0),
    notFoundForMs: z.int().min(0).max(DURATION_MS_MAX).default(0),
    pace: z.preprocess((value) => (value === "aws" ? AWS_PACE : value), paceSchema).optional(),
    idleMs: z.int().min(1).max(DURATION_MS_MAX).optional(),
    seed: z.int().default(1),
  })
  .refine(
    ({ throttleRate, errorRate, resetRate, resetAfterEffectRate }) =>
      throttleRate + errorRate + resetRate + resetAfterEffectRate <= 1,
    "throttleRate, errorRate, resetRate and resetAfterEffectRate exceed 1 together",
  )
  .refine((settings) => settings.group === undefined || settings.idleMs === undefined, {
    path: ["idleMs"],
    message: "a connection belongs to no group",
  });
const clearSchema = z.strictObject({ group: nameSchema.optional() });

/** Replaces the faults of one group, or of all groups that have none of their own. */
export function putFaults(emulator: Emulator, input: unknown): object {
  const { group, ...settings } = parseAdminInput(schema, input);
  emulator.faults.set(group, settings);
  return group === undefined ? settings : { group, ...settings };
}

export function getFaults(emulator: Emulator): object {
  return { faults: emulator.faults.list() };
}

/** Of one group, which then has the general ones; or all. */
export function deleteFaults(emulator: Emulator, input: unknown): object {
  emulator.faults.clear(parseAdminInput(clearSchema, input).group);
  return {};
}
