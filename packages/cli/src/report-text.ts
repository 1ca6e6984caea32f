// Decides how a run's report reads to a person: what was read, what went where, what to do next.

import type { ErasureReport, RebuildReport, RemediationReport, ReplayReport, RunReport } from "@steward/core";
import { toErasureText } from "./erasure-text.ts";
import { toRemediationText } from "./incident-text.ts";
import { toCountOf, toCountText, toElapsedText } from "./words.ts";

/** Of a workflow that writes records. */
type WriteReport = Exclude<RunReport, ErasureReport | RemediationReport>;
type StoreCounts = NonNullable<WriteReport["counts"]["stores"]["hot"]>;

/** The outcomes after `written`, in words; only those that happened are told. */
const OTHER_OUTCOMES = [
  ["newerKept", "newer kept"],
  ["suppressed", "suppressed"],
  ["expired", "expired"],
  ["failed", "failed"],
] as const satisfies readonly (readonly [keyof StoreCounts, string])[];

const HEADLINES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  refresh: {
    succeeded: "Refreshed",
    unchanged: "Unchanged:",
    failed: "Failed to refresh",
    cancelled: "Cancelled the refresh of",
  },
  rebuild: {
    succeeded: "Rebuilt",
    different: "Rebuilt, but with differences:",
    failed: "Failed to rebuild",
    cancelled: "Cancelled the rebuild of",
  },
  replay: {
    succeeded: "Replayed",
    failed: "Failed to replay",
    cancelled: "Cancelled the replay of",
  },
};

export function toReportText(report: RunReport): string {
  if (isErasure(report)) return toErasureText(report);
  if (isRemediation(report)) return toRemediationText(report);
  const { counts, runId, group, asOf, durationMs } = report;
  const headline = HEADLINES[report.workflow]?.[report.outcome] ?? `${report.outcome}:`;
  const lines = [`${headline} ${group} as of ${asOf} in ${toElapsedText(durationMs)} (run ${runId}).`];
  if (report.outcome === "unchanged")
    lines.push("Same as-of, definition and events as before: nothing was written.");
  if (isReplay(report)) return [...lines, ...toReplayLines(report)].join("\n");
  if (isRebuild(report)) lines.push(`Read ${toCountOf(counts.read, "row")} of the offline store.`);
  else if (counts.read > 0) {
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
  if (isRebuild(report) && typeof report.caughtUp === "number")
    lines.push(`Read ${toCountOf(report.caughtUp, "event")} of the stream again, to come up to now.`);
  if (isRebuild(report) && report.verify !== null) lines.push(toVerifyText(report.verify));
  return lines.join("\n");
}

const isErasure = (report: RunReport): report is ErasureReport => "requestId" in report;
const isRemediation = (report: RunReport): report is RemediationReport => "incidentId" in report;
const isReplay = (report: WriteReport): report is ReplayReport => "goneBefore" in report;

function toReplayLines({ from, goneBefore, counts, group }: ReplayReport): readonly string[] {
  const { read, setAside, stores } = counts;
  const begin = from === null ? "the oldest that the stream has" : from;
  const lines = [
    `Read ${toCountOf(read, "event")} from ${begin} on; ${toCountText(setAside)} of them set aside.`,
  ];
  if (goneBefore !== null)
    lines.push(
      `The stream keeps what arrived since ${goneBefore}: what came before it was not read; \`steward rebuild ${group}\` brings back what the offline store has.`,
    );
  if (counts.planned > 0) {
    lines.push(`${toCountText(counts.planned)} records planned:`);
    for (const [store, words] of Object.entries(stores))
      lines.push(`  ${store.padEnd(7)}  ${toStoreText(words)}`);
  }
  return lines;
}

const isRebuild = (report: WriteReport): report is RebuildReport => "verify" in report;

function toVerifyText({ compared, missing, stale, different }: NonNullable<RebuildReport["verify"]>): string {
  const differing = missing + stale + different;
  const found =
    differing === 0
      ? "all as they are offline, or newer"
      : `${toCountText(missing)} missing, ${toCountText(stale)} stale, ${toCountText(different)} different`;
  return `Compared ${toCountOf(compared, "record")} with the stores: ${found}.`;
}

function toStoreText(counts: StoreCounts): string {
  const others = OTHER_OUTCOMES.filter(([outcome]) => counts[outcome] > 0).map(
    ([outcome, words]) => `${toCountText(counts[outcome])} ${words}`,
  );
  return [`${toCountText(counts.written)} written`, ...others].join(", ");
}
