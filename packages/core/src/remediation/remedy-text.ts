// Decides how a remedy reads in a list of decisions: what is done, to what, in a few words.

import { type EpochMs, toIso } from "../time/epoch-ms.ts";
import type { Remedy } from "./remedy.ts";

export function toRemedyText(remedy: Remedy): string {
  switch (remedy.kind) {
    case "restart":
      return `restart run ${remedy.runId}`;
    case "rerun":
      return remedy.runId === null ? "refresh with the files that wait" : `run ${remedy.runId} again`;
    case "redrive":
      return `write the failed chunks of run ${remedy.runId} again`;
    case "replay":
      return `replay the stream from ${remedy.fromMs === null ? "its oldest event" : toIso(remedy.fromMs as EpochMs)}`;
    case "rebuild":
      return `rebuild the ${remedy.targets.join(" and the ")} store`;
    case "wait":
      return `wait for run ${remedy.runId}`;
    case "pause":
      return `decide again at ${toIso(remedy.untilMs)}`;
    case "confirm":
      return "wait for the alarm to clear";
    case "page":
      return "page a person";
    case "leave":
      return "leave it to the platform's incident";
    default:
      return remedy satisfies never;
  }
}
