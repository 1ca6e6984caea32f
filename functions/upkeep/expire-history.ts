// History that is past the limit of its group or source is removed.

import { expireHistory } from "@steward/core";
import { upkeep } from "../_runtime/upkeep.ts";

export const handler = upkeep(async ({ ports, log }) => {
  for (const { of, leftOut, removed } of await expireHistory(ports))
    log({ level: "info", message: "expired history", of, leftOut, removed });
});
