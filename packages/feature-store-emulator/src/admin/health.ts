// Decides: what an emulator says of itself, so that who started it knows it again.
// Leaves to others: what to do with that.
import packageJson from "../../package.json" with { type: "json" };
import type { Emulator } from "../emulator.ts";

export const VERSION: string = packageJson.version;

export function getHealth(emulator: Emulator): object {
  return { ok: true, stateDir: emulator.database.stateDir, pid: process.pid, version: VERSION };
}
