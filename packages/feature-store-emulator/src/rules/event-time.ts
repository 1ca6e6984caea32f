// Decides: which texts are an event time, and the exact instant each one names.
// Leaves to others: the order of writes (store/records-table.ts compares the two numbers).
import { validationError } from "../aws-error.ts";

/** An instant as whole seconds since 1970 (may be negative) and the nanoseconds after them, 0 to 999,999,999. */
export interface EventTime {
  readonly seconds: number;
  readonly nanos: number;
}

export function isNewer(time: EventTime, than: EventTime): boolean {
  return time.seconds === than.seconds ? time.nanos > than.nanos : time.seconds > than.seconds;
}

export type EventTimeType = "String" | "Fractional";

const ISO_UTC = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const NANOS_PER_SECOND = 1_000_000_000n;
/** 0000-01-01T00:00:00Z and 10000-01-01T00:00:00Z, half-open. Developer guide, quotas page, read 2026-11-22. */
const FIRST_SECOND = -62_167_219_200;
const END_SECOND = 253_402_300_800;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
/** The Gregorian calendar repeats after 400 years: Date.UTC mistakes the years 0 to 99 for 1900 to 1999. */
const SECONDS_IN_400_YEARS = 146_097 * 86_400;

/**
 * The instant that an event-time feature names, to the nanosecond.
 * A String is ISO-8601 in UTC ("2024-05-01T10:00:00Z", up to nine decimals); a Fractional is Unix seconds
 * ("1714557600.25"; decimals after the ninth are dropped). Both spellings of one instant are equal.
 * @throws ValidationError for any other text.
 */
export function toEventTime(text: string, type: EventTimeType): EventTime {
  if (text === last?.text && type === last.type) return last.time;
  const time = type === "String" ? fromIsoText(text) : fromUnixSeconds(text);
  if (time === undefined || time.seconds < FIRST_SECOND || time.seconds >= END_SECOND) {
    throw validationError(`The EventTime feature must be ${FORMS[type]}`);
  }
  last = { text, type, time };
  return time;
}

/** A batch job dates all its records alike. */
let last: { readonly text: string; readonly type: EventTimeType; readonly time: EventTime } | undefined;

/** The instant in whole milliseconds, rounded down. */
export function toEpochMs(time: EventTime): number {
  return time.seconds * 1_000 + Math.floor(time.nanos / 1_000_000);
}

const FORMS = {
  String: "an ISO-8601 instant in UTC: yyyy-MM-dd'T'HH:mm:ssZ or yyyy-MM-dd'T'HH:mm:ss.SSSZ",
  Fractional: "Unix time in seconds, between the years 0000 and 9999",
} as const;

function fromIsoText(text: string): EventTime | undefined {
  const parts = ISO_UTC.exec(text);
  if (parts === null) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const [hour, minute, second] = [Number(parts[4]), Number(parts[5]), Number(parts[6])];
  if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  const shiftedSeconds = Date.UTC(year + 400, month - 1, day, hour, minute, second) / 1_000;
  return { seconds: shiftedSeconds - SECONDS_IN_400_YEARS, nanos: Number((parts[7] ?? "").padEnd(9, "0")) };
}

function isDate(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lastDay = month === 2 && isLeap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
  return day >= 1 && day <= lastDay;
}

function fromUnixSeconds(text: string): EventTime | undefined {
  const parts = DECIMAL.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
  const nanos = toWholeNanos(whole, fraction, Number(exponent));
  if (nanos === undefined) return undefined;
  const signed = sign === "-" ? -nanos : nanos;
  const rest = ((signed % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  return { seconds: Number((signed - rest) / NANOS_PER_SECOND), nanos: Number(rest) };
}

/** whole.fraction × 10^exponent seconds in nanoseconds, cut below one. Absurdly long numbers give undefined. */
function toWholeNanos(whole: string, fraction: string, exponent: number): bigint | undefined {
  const digits = whole + fraction;
  const shift = exponent - fraction.length + 9;
  if (digits.length > 400) return undefined;
  return shift >= 0 ? BigInt(digits) * 10n ** BigInt(shift) : BigInt(digits) / 10n ** BigInt(-shift);
}
