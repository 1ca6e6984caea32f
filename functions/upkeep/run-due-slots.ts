// Refreshes whose slot of the schedule has come are begun, or gone on with.

import { runDueSlots, type SlotOutcome, toIso } from "@steward/core";
import type { LogEntry } from "../_runtime/scope.ts";
import { upkeep } from "../_runtime/upkeep.ts";

export const handler = upkeep(async ({ ports, log }) => {
  for (const outcome of await runDueSlots(ports)) log(toEntry(outcome));
});

function toEntry(outcome: SlotOutcome): LogEntry {
  const { group } = outcome;
  switch (outcome.kind) {
    case "begun":
    case "continued": {
      const message = `${outcome.kind} a scheduled refresh`;
      return { level: "info", message, group, asOf: toIso(outcome.slotMs), run: outcome.runId };
    }
    case "skipped": {
      const message = "left out scheduled refreshes that were missed too long ago";
      return { level: "info", message, group, count: outcome.count };
    }
    case "failed": {
      const error = outcome.error instanceof Error ? outcome.error.name : "unknown";
      return { level: "error", message: "could not fill a slot of the schedule", group, error };
    }
    default:
      return outcome satisfies never;
  }
}
