// Decides how often schedules are looked at: in real time, though slots are of the platform's clock. Where that clock
// stands still nothing becomes due, and where it is set ahead the slots that it passed are filled one after another.

import { type ControlPorts, runDueSlots, type SlotOutcome, toIso } from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { startWatch, type Watch } from "./watch.ts";

/** A look reads one item a group. */
const SCHEDULE_WATCH_MS = 1_000;

export function startScheduleWatch(
  ports: ControlPorts,
  log: Scope["log"],
  everyMs = SCHEDULE_WATCH_MS,
): Watch {
  return startWatch({
    everyMs,
    failure: "could not look at the schedules",
    log,
    async look() {
      for (const outcome of await runDueSlots(ports)) log(toEntry(outcome));
    },
  });
}

function toEntry(outcome: SlotOutcome): Parameters<Scope["log"]>[0] {
  const { group } = outcome;
  switch (outcome.kind) {
    case "begun":
    case "continued": {
      const message = `${outcome.kind} a scheduled refresh`;
      return { level: "info", message, group, asOf: toIso(outcome.slotMs), run: outcome.runId };
    }
    case "skipped":
      return {
        level: "info",
        message: "left out scheduled refreshes that were missed too long ago",
        group,
        count: outcome.count,
      };
    case "failed": {
      const error = outcome.error instanceof Error ? outcome.error.name : "unknown";
      return { level: "error", message: "could not fill a slot of the schedule", group, error };
    }
    default:
      return outcome satisfies never;
  }
}
