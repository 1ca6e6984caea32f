// What a benchmark prints of several rounds.

/** Of an even number the upper of the two in the middle; NaN of none. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
