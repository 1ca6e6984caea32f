// Decides: when a record expires, and how that instant is written.
// Leaves to others: hiding what has expired (store/records-table.ts).
import { type EventTime, toEpochMs } from "./event-time.ts";
import { INTEGER_MAX } from "./limits.ts";
import { isAbsent, readChoice, readInteger, readObject } from "./shape.ts";

export interface TtlDuration {
  readonly unit: TtlUnit;
  readonly value: number;
}

export type TtlUnit = keyof typeof UNIT_MS;

const UNIT_MS = {
  Seconds: 1_000,
  Minutes: 60_000,
  Hours: 3_600_000,
  Days: 86_400_000,
  Weeks: 604_800_000,
} as const;
export const TTL_UNITS = ["Seconds", "Minutes", "Hours", "Days", "Weeks"] as const;
/** 9999-12-31T23:59:59.999Z, the last instant that ISO-8601 writes with four digits of year. */
const LAST_MS = 253_402_300_799_999;

/** A TtlDuration member, or undefined when it is absent. */
export function readTtlDuration(value: unknown, member: string): TtlDuration | undefined {
  if (isAbsent(value)) return undefined;
  const duration = readObject(value, member);
  return {
    unit: readChoice(duration.Unit, `${member}.unit`, TTL_UNITS),
    value: readInteger(duration.Value, `${member}.value`, 1, INTEGER_MAX),
  };
}

/** Event time + duration in milliseconds: from the event, not from the write. Never later than the year 9999. */
export function toExpiresAtMs(eventTime: EventTime, ttl: TtlDuration): number {
  return Math.min(toEpochMs(eventTime) + ttl.value * UNIT_MS[ttl.unit], LAST_MS);
}

/** "2024-05-01T10:00:00Z", with milliseconds only where there are some. */
export function toExpiresAtText(expiresAtMs: number): string {
  return new Date(expiresAtMs).toISOString().replace(".000Z", "Z");
}
