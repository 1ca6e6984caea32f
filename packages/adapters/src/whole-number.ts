// Decides how a whole number out of its bounds is refused, in the same words by every adapter.
// Leaves the bounds to the adapter.

import { InvalidInputError } from "@steward/core";

/** @throws InvalidInputError naming the setting, its bounds (both inclusive) and the value. */
export function checkWholeNumber(name: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new InvalidInputError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
  }
}
