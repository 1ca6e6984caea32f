// Decides how counts and durations read in plain words.

/** 23570 → `23,570`. */
export const toCountText = (count: number): string => count.toLocaleString("en-US");

/** `1 row`, `2,000 rows`. */
export const toCountOf = (count: number, noun: string): string =>
  `${toCountText(count)} ${noun}${count === 1 ? "" : "s"}`;

const UNITS: readonly (readonly [string, number])[] = [
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** The largest unit that the duration fills at least once, rounded down: 7,260,000 ms → `2 hours`. */
export function toDurationText(milliseconds: number): string {
  const [unit, unitMs] = UNITS.find(([name, size]) => name !== "week" && milliseconds >= size) ?? [
    "second",
    1_000,
  ];
  const count = Math.floor(milliseconds / unitMs);
  return `${toCountText(count)} ${unit}${count === 1 ? "" : "s"}`;
}

/** As it was declared: the largest unit that divides it. 172,800,000 ms → `2 days`. */
export function toPeriodText(milliseconds: number): string {
  const [unit, unitMs] = UNITS.find(([, size]) => milliseconds % size === 0) ?? ["millisecond", 1];
  const count = milliseconds / unitMs;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** How long something took: `640 ms`, `3.2 s`, `4 min 10 s`. */
export function toElapsedText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.floor((milliseconds % 60_000) / 1_000)} s`;
}
