// The batch job: appends events, computes features, takes snapshots. What it is to do its arguments say.

import { z } from "zod";
import { runBatch } from "../_runtime/batch.ts";

export const handler = async (given: unknown): Promise<unknown> =>
  runBatch(z.record(z.string(), z.string()).parse(given));
