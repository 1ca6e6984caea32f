// How fresh each side of each group is, is measured and put as metrics.

import { checkFreshness } from "@steward/core";
import { upkeep } from "../_runtime/upkeep.ts";

export const handler = upkeep(async ({ ports, log }) => {
  const { unmeasured } = await checkFreshness(ports);
  for (const { group, error } of unmeasured)
    log({ level: "error", message: "could not measure freshness", group, error });
});
