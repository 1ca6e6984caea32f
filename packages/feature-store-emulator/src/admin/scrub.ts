// Decides: how the files are rid of all that was deleted or overwritten, at once and however large they are.
// Leaves to others: when that happens by itself (../store/scrubber.ts).
import type { Emulator } from "../emulator.ts";

/** False while a reader stands in the way: ask again. */
export function scrubFiles(emulator: Emulator): object {
  return { scrubbed: emulator.database.scrubber.scrub() };
}
