// Decides how a run's report reads to a person: what was read, what went where, what to do next.

import type { RefreshReport } from "@steward/core";
import { toCountOf, toCountText, toElapsedText } from "./words.ts";

type StoreCounts = RefreshReport["counts"]["stores"]["hot"];

/** The outcomes after `written`, in words; only those that happened are told. */
const OTHER_OUTCOMES = [
  ["newerKept", "newer kept"],
  ["suppressed", "suppressed"],
  ["expired", "expired"],
  ["failed", "failed"],
] as const satisfies readonly (readonly [keyof StoreCounts, string])[];

const HEADLINES: Readonly<Record<string, string>> = {
  succeeded: "Refreshed",
  unchanged: "Unchanged:",
  failed: "Failed to refresh",
  cancelled: "Cancelled the refresh of",
};

export function toReportText(report: RefreshReport): string {
  const { counts, runId, group, asOf, durationMs } = report;
  const headline = HEADLINES[report.outcome] ?? `${report.outcome}:`;
  const lines = [`${headline} ${group} as of ${asOf} in ${toElapsedText(durationMs)} (run ${runId}).`];
  if (report.outcome === "unchanged")
    lines.push("Same as-of, definition and events as before: nothing was written.");
  if (counts.read > 0) {
    const setAside = counts.setAside === 0 ? "none" : toCountText(counts.setAside);
    lines.push(`Read ${toCountText(counts.read)} new rows; ${setAside} of them set aside.`);
  }
  if (counts.setAside > 0)
    lines.push(`  \`steward set-aside ${runId}\` lists what was set aside, with file, row and rule.`);
  if (counts.planned > 0) {
    lines.push(`${toCountText(counts.planned)} records planned, in ${toCountOf(report.chunks, "chunk")}:`);
    for (const [store, words] of Object.entries(counts.stores))
      lines.push(`  ${store.padEnd(7)}  ${toStoreText(words)}`);
  }
  return lines.join("\n");
}

function toStoreText(counts: StoreCounts): string {
  const others = OTHER_OUTCOMES.filter(([outcome]) => counts[outcome] > 0).map(
    ([outcome, words]) => `${toCountText(counts[outcome])} ${words}`,
  );
  return [`${toCountText(counts.written)} written`, ...others].join(", ");
}
