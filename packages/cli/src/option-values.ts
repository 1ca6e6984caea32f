// Decides how the values of options are read: instants, and numbers with their bounds.

import type { EpochMs } from "@steward/core";
import { InvalidArgumentError } from "commander";
import { UsageError } from "./plain-error.ts";

/** @throws UsageError for what is not an instant. */
export async function toInstant(flag: string, text: string | undefined): Promise<EpochMs | undefined> {
  if (text === undefined) return undefined;
  const { parseInstant } = await import("@steward/core");
  const instant = parseInstant(text);
  if (instant === undefined) {
    throw new UsageError(
      `${flag} "${text}" is not an instant: write 2026-01-31 (midnight UTC) or 2026-01-31T08:00:00Z`,
    );
  }
  return instant;
}

/** Records a second: a number above 0. */
export function toPace(text: string): number {
  const pace = toNumber(text);
  if (pace === undefined || pace <= 0) throw new InvalidArgumentError("It must be a number above 0.");
  return pace;
}

/** `0.01` or `1%`. */
export function toFraction(text: string): number {
  const isPercent = text.endsWith("%");
  const value = toNumber(isPercent ? text.slice(0, -1) : text);
  const fraction = value === undefined || !isPercent ? value : value / 100;
  if (fraction === undefined || fraction > 1)
    throw new InvalidArgumentError("It must be from 0 to 1, or from 0% to 100%.");
  return fraction;
}

/** A whole number above 0. */
export function toCount(text: string): number {
  const count = toNumber(text);
  if (count === undefined || count < 1 || !Number.isSafeInteger(count))
    throw new InvalidArgumentError("It must be a whole number above 0.");
  return count;
}

/** Digits, with a decimal point or without: no sign, no exponent, no `Infinity`. */
function toNumber(text: string): number | undefined {
  return /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}
