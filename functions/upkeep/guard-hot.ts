// Fences and deletions that a flush, a restart or a failover took from the hot store are put back. Nothing is written
// meanwhile where a guard is missing.

import { guardHot } from "@steward/core";
import { upkeep } from "../_runtime/upkeep.ts";

export const handler = upkeep(async ({ ports, log }) => {
  const { tags, named } = await guardHot(ports);
  if (tags + named > 0) log({ level: "info", message: "guarded the hot store", tags, named });
});
