// Decides which alarms of an incident are on now: what the alarm watch wrote down last.

import type { Ledger } from "../ports/ledger.ts";
import type { Incident } from "./incident.ts";

/** Their names, as the incident lists them. */
export async function listRaised(
  ledger: Ledger,
  { alarms }: Pick<Incident, "alarms">,
): Promise<readonly string[]> {
  const raised = await Promise.all(
    alarms.map(
      async (name) => (await ledger.find({ partition: "alarms", sort: name }))?.body.state === "alarm",
    ),
  );
  return alarms.filter((_, index) => raised[index]);
}
