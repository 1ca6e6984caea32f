// The streams are read for a while: in an account the next call of the schedule goes on where this one stopped.

import { z } from "zod";
import { startStreamConsumers } from "../_runtime/stream-consumers.ts";
import { upkeep } from "../_runtime/upkeep.ts";

const event = z.looseObject({ readSeconds: z.number().positive() });

export const handler = upkeep(async ({ ports, log, event: given }) => {
  const { readSeconds } = event.parse(given);
  const consumers = startStreamConsumers(ports, log);
  await ports.timer.sleep(readSeconds * 1_000);
  await consumers.stop();
});
