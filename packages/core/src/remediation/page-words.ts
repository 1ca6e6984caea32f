// Decides what a page says: what is wrong and since when, what was tried, what to do, where to read on.

import type { Definitions } from "../ports/definitions.ts";
import type { Page } from "../ports/pager.ts";
import { toIso } from "../time/epoch-ms.ts";
import type { Incident } from "./incident.ts";

/** What a person does about each diagnosis, and the runbook that says more. */
const ADVICE: Readonly<
  Record<string, { readonly subject: string; readonly todo: string; readonly runbook: string }>
> = {
  "checker-broken": {
    subject: "the freshness checker does not report",
    todo: "Look at `steward status` and the log of the platform, and start `steward up` again.",
    runbook: "freshness-checker",
  },
  "run-stuck": {
    subject: "a run is stuck",
    todo: "See `steward run RUN`; `steward cancel RUN` ends it, `steward resume RUN` takes it up again.",
    runbook: "freshness",
  },
  "run-failed": {
    subject: "the last run failed",
    todo: "See `steward run RUN` for the reason. Bad data: have it corrected, then `steward refresh`. Anything else: the error's name leads to the program.",
    runbook: "freshness",
  },
  "store-away": {
    subject: "a store does not answer",
    todo: "See `steward status`, and bring the store back. What it then lacks, Steward rebuilds.",
    runbook: "difference",
  },
  "run-missing": {
    subject: "files wait and no run takes them",
    todo: "See `steward groups` for the schedule; `steward refresh` takes the files at once.",
    runbook: "freshness",
  },
  "hot-behind": {
    subject: "the hot store is behind the offline store",
    todo: "See that the hot store answers and stays, then `steward rebuild GROUP --target hot`.",
    runbook: "difference",
  },
  "online-behind": {
    subject: "the online store is behind the offline store",
    todo: "See that the online store answers, then `steward rebuild GROUP --target online`.",
    runbook: "difference",
  },
  "stores-behind": {
    subject: "the online and the hot store are behind the offline store",
    todo: "See that both stores answer, then `steward rebuild GROUP`.",
    runbook: "difference",
  },
  "stream-behind": {
    subject: "the stream is not read to its end",
    todo: "See `steward stream GROUP`; `steward up` reads it. Does the reader not keep up, raise the pace or add shards.",
    runbook: "stream-behind",
  },
  "partition-silent": {
    subject: "one partition of the source is silent",
    todo: "Ask whoever sends that partition. No refresh is needed once its events come: the schedule takes them.",
    runbook: "freshness",
  },
  "source-silent": {
    subject: "the source is silent",
    todo: "Ask whoever sends the events. Do not refresh: it would give old data a new date and no new value. Once events come, the schedule takes them.",
    runbook: "freshness",
  },
};
const OTHERWISE = {
  subject: "stale, and nobody knows why",
  todo: "See `steward freshness` and `steward runs`.",
  runbook: "freshness",
};

/** Two pages of an incident for one thing have one id. */
export function toPage(definitions: Definitions, incident: Incident): Page {
  const { incidentId, group, alarms, openedAtMs, diagnosis, decisions } = incident;
  const last = decisions.at(-1);
  const advice = ADVICE[diagnosis?.kind ?? ""] ?? OTHERWISE;
  const owner = group === null ? undefined : definitions.list().find(({ name }) => name === group)?.owner;
  const tried = decisions
    .filter(({ kind }) => TRIED.has(kind))
    .map(({ atMs, what }) => `${what} (${toIso(atMs)})`);
  const about =
    group === null ? "the platform" : `group ${group}${owner === undefined ? "" : ` (owner ${owner})`}`;
  return {
    pageId: `${incidentId} ${diagnosis?.kind ?? "none"} ${last?.kind ?? "none"}`,
    incidentId,
    group,
    subject: `${about}: ${advice.subject}`,
    text: [
      `What: ${last?.reason ?? diagnosis?.reason ?? "an alarm went off"}.`,
      `Since: ${toIso(openedAtMs)} (${alarms.join(", ")}).`,
      `Tried: ${tried.length === 0 ? "nothing" : tried.join(", ")}.`,
      `To do: ${advice.todo}`,
    ].join("\n"),
    runbook: `docs/runbooks/${advice.runbook}.md`,
  };
}

const TRIED = new Set(["restart", "rerun", "redrive", "replay", "rebuild"]);
