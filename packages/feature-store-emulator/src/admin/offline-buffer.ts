// Decides: how one sees from outside what waits for the offline store, and has it flushed at once.
// Leaves to others: the flush (../offline/offline-flush.ts).
import type { Emulator } from "../emulator.ts";

/** `delayMs` null: rows wait for ever, because there is nowhere to put their files. */
export function getOfflineBuffer(emulator: Emulator): object {
  return { rows: emulator.offlineLog.count(), delayMs: emulator.offlineFlush?.delayMs ?? null };
}

/** Returns once all rows that waited are files. */
export async function flushOfflineBuffer(emulator: Emulator): Promise<object> {
  await emulator.offlineFlush?.flush();
  return getOfflineBuffer(emulator);
}
