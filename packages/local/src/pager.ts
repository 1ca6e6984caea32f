// Decides that a page is a line of its own file, and a plain line of the log for whoever watches that.

import { JsonlPager } from "@steward/adapters";
import type { Clock, Pager } from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";

export function openPager(options: {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Scope["log"];
}): Pager {
  const { file, clock, log } = options;
  return new JsonlPager({
    file,
    clock,
    onPage: ({ incidentId, subject, runbook }) =>
      log({ level: "error", message: `page: ${subject}`, incident: incidentId, runbook }),
  });
}
