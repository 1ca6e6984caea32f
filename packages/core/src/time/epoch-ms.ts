// Decides what an instant is: milliseconds since 1970-01-01T00:00:00Z, branded so that no duration passes for one.
// Leaves to others where "now" comes from (ports/clock.ts).

declare const epochMsBrand: unique symbol;

/** Milliseconds since the epoch, UTC, a safe integer. */
export type EpochMs = number & { readonly [epochMsBrand]: true };

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3}))?(Z|[+-]\d{2}:\d{2})$/;

/** Years 0001 to 9999: the range that Feature Store event times and ISO-8601 text of four-digit years share. */
export const MIN_EPOCH_MS = -62_135_596_800_000 as EpochMs;
export const MAX_EPOCH_MS = 253_402_300_799_999 as EpochMs;

/** The offset of the Line Islands, the furthest from UTC that any zone has (Pacific/Kiritimati, since 1995). */
const MAX_OFFSET_MINUTES = 14 * 60;

/** The number as an instant. @throws RangeError when it is not a whole millisecond of the years 0001 to 9999. */
export function toEpochMs(value: number): EpochMs {
  if (!Number.isSafeInteger(value) || value < MIN_EPOCH_MS || value > MAX_EPOCH_MS) {
    throw new RangeError(`an instant must be whole milliseconds in the years 0001 to 9999, not ${value}`);
  }
  return value as EpochMs;
}

/**
 * Reads `2026-01-31` (midnight UTC) or `2026-01-31T08:00:00[.123](Z|+02:00)`; undefined for anything else,
 * dates that the calendar lacks and offsets beyond 14 hours included.
 */
export function parseInstant(text: string): EpochMs | undefined {
  const match = INSTANT.exec(text) ?? DATE.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const milliseconds = Number((match[7] ?? "").padEnd(3, "0"));
  const offset = offsetMinutes(match[8] ?? "Z");
  if (offset === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute - offset, second, milliseconds);
  const value = date.getTime();
  return value < MIN_EPOCH_MS || value > MAX_EPOCH_MS ? undefined : (value as EpochMs);
}

/** `1997-10-01T00:00:00.000Z`: always three digits of fraction, so that the order of the text is the order of time. */
export function toIso(instant: EpochMs): string {
  return new Date(instant).toISOString();
}

function offsetMinutes(text: string): number | undefined {
  if (text === "Z") return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(4, 6));
  const distance = hours * 60 + minutes;
  if (minutes > 59 || distance > MAX_OFFSET_MINUTES) return undefined;
  return text.startsWith("-") ? -distance : distance;
}
