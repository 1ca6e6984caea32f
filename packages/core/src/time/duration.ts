// Decides what a duration in a definition or a setting means: one number, one unit, exact.
// Leaves calendar arithmetic (months, years) out on purpose: they have no fixed length.

const UNIT_MS = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
} as const;

type Unit = keyof typeof UNIT_MS;

/** `"30 days"`, `"1 hour"`: a whole number above 0 and a unit from second to week. */
export type Duration = `${number} ${Unit}` | `${number} ${Unit}s`;

const DURATION = /^([1-9]\d{0,8}) (second|minute|hour|day|week)(s?)$/;

/** The length in milliseconds; undefined when the text is not a duration ("1 days" and "2 hour" are not). */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const count = Number(match[1]);
  if ((count === 1) !== (match[3] === "")) return undefined;
  const milliseconds = count * UNIT_MS[match[2] as Unit];
  return Number.isSafeInteger(milliseconds) ? milliseconds : undefined;
}

/** A schedule as EventBridge Scheduler writes a rate: `rate(1 hour)`, in minutes, hours or days. Its period in milliseconds, or undefined. */
export function parseRateMs(text: string): number | undefined {
  const match = /^rate\((\d+ (?:minute|hour|day)s?)\)$/.exec(text);
  return match === null ? undefined : parseDurationMs(match[1] ?? "");
}
