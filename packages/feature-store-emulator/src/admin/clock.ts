// Decides: how the clock is read and driven from outside.
// Leaves to others: what hangs on it (../clock.ts).
import { z } from "zod";
import type { Emulator } from "../emulator.ts";
import { parseAdminInput } from "./input.ts";

/** The last millisecond that a JavaScript date can name. */
const LAST_MS = 8_640_000_000_000_000;
const schema = z.strictObject({ nowMs: z.int().min(0).max(LAST_MS).nullable() });

export function getClock(emulator: Emulator): object {
  return { nowMs: emulator.clock.nowMs(), fixed: emulator.clock.isFixed };
}

/** Stops the clock at `nowMs`; null lets it run again. It may be moved either way. */
export function putClock(emulator: Emulator, input: unknown): object {
  emulator.clock.fixAt(parseAdminInput(schema, input).nowMs ?? undefined);
  emulator.offlineFlush?.noteClock();
  return getClock(emulator);
}
