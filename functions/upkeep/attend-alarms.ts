// Incidents are opened for the alarms that are on, gone on with, and closed. Whatever starts it, it asks the metrics itself:
// an event may come twice, late or not at all.

import { attendIncidents, type EpochMs, evaluateAlarms } from "@steward/core";
import { z } from "zod";
import { upkeep } from "../_runtime/upkeep.ts";

/** Since when somebody looks without a break; without it, always: what is missing counts. */
const event = z.looseObject({ sinceMs: z.number().default(0) });

export const handler = upkeep(async ({ ports, log, event: given }) => {
  const { sinceMs } = event.parse(given);
  const raised = await evaluateAlarms(ports, sinceMs as EpochMs);
  const { opened, closed } = await attendIncidents(ports, raised);
  for (const { incidentId } of opened)
    log({ level: "info", message: "incident opened", incident: incidentId });
  for (const { incidentId } of closed)
    log({ level: "info", message: "incident closed", incident: incidentId });
});
