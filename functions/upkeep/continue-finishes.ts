// Erasures whose finish is due are finished; of those that take too long, it is told.

import { continueFinishes, measureErasures } from "@steward/core";
import { upkeep } from "../_runtime/upkeep.ts";

export const handler = upkeep(async ({ ports, log }) => {
  await measureErasures(ports);
  for (const { runId } of await continueFinishes(ports))
    log({ level: "info", message: "finishing an erasure", run: runId });
});
