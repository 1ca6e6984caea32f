// `steward incidents`: what went wrong with freshness, what was decided about it and why.

import { Argument, Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { toIncidentTable, toIncidentText } from "../incident-text.ts";
import { type IncidentRow, toIncidentDetail, toIncidentRow } from "../incident-view.ts";

interface Input {
  readonly incident?: string;
  readonly all?: boolean;
}

const definition: CommandDefinition<Input> = {
  name: "incidents",
  summary: "list what went stale and is not over yet, or show one incident",
  arguments: [new Argument("[incident]", "id of an incident: its alarms, decisions and runs")],
  options: [new Option("--all", "closed ones too")],
  examples: [
    ["incidents", "those that are open, newest first"],
    ["incidents --all --json", "all there ever were, as an array"],
    ["incidents 20261124t203301-7f3k2m9x", "one, with every decision and its reason"],
  ],
  async run(context, { incident, all = false }) {
    if (incident === undefined) await list(context, all);
    else await show(context, incident);
    return EXIT.done;
  },
};

async function list(context: Context, isAll: boolean): Promise<void> {
  const view = await context.openLedger();
  const rows: IncidentRow[] = [];
  if (view !== undefined) {
    const { listIncidents } = await import("@steward/core");
    for (const incident of (await listIncidents(view.ledger)).toReversed())
      if (isAll || incident.status !== "closed") rows.push(await toIncidentRow(incident));
  }
  const none = isAll ? "There are no incidents yet." : "No incident is open; --all lists the closed ones.";
  context.output.result(rows, () => (rows.length === 0 ? none : toIncidentTable(rows)));
}

async function show(context: Context, incidentId: string): Promise<void> {
  const { getIncident, NotFoundError } = await import("@steward/core");
  const view = await context.openLedger();
  if (view === undefined)
    throw new NotFoundError(`there is no incident "${incidentId}": nothing has run in ${context.stateDir}`);
  const detail = await toIncidentDetail(await getIncident(view.ledger, incidentId));
  context.output.result(detail, () => toIncidentText(detail));
}

export const incidents = () => defineCommand(definition);
