// Erasures whose finish is due are finished.

import { continueFinishes } from "@steward/core";
import { upkeep } from "../_runtime/upkeep.ts";

export const handler = upkeep(async ({ ports, log }) => {
  for (const { runId } of await continueFinishes(ports))
    log({ level: "info", message: "finishing an erasure", run: runId });
});
