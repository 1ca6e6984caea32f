// Decides how a game day reads: a table for people, a document for programs.

import { toIso } from "@steward/core";
import type { Verdict } from "./judge.ts";

const MINUTE_MS = 60_000;

export function toMarkdown(verdicts: readonly Verdict[]): string {
  const failed = verdicts.filter(({ faults }) => faults.length > 0).length;
  const rows = verdicts.map((verdict) => [
    verdict.title,
    verdict.alarm ?? "none",
    verdict.periods === undefined ? "-" : String(verdict.periods),
    verdict.diagnoses.join(", "),
    verdict.remedies.join(", ") || "none",
    verdict.pages.map((page) => page.split("\n")[0]).join("; ") || "nobody",
    verdict.recoveredAtMs === undefined ? "no" : minutesBetween(verdict.faultAtMs, verdict.recoveredAtMs),
    verdict.faults.length === 0 ? "as it must be" : verdict.faults.join("; "),
  ]);
  const table = [
    ["Fault", "First alarm", "Periods", "Found", "Remedies", "Paged", "Closed after", "Verdict"],
    ["---", "---", "---", "---", "---", "---", "---", "---"],
    ...rows,
  ].map((row) => `| ${row.map((cell) => cell.replaceAll("|", "/").replaceAll("\n", " ")).join(" | ")} |`);
  return [
    "# Game day",
    "",
    `Faults: ${verdicts.length}. Answered as they must be: ${verdicts.length - failed}, not: ${failed}. Times are the platform's.`,
    "",
    ...table,
    "",
    "Periods: from the first bad check to the alarm, both counted; two are allowed.",
    "",
    "![The age of each group's sides](lag.svg)",
    "",
  ].join("\n");
}

export function toDocument(verdicts: readonly Verdict[]): object {
  return {
    passed: verdicts.filter(({ faults }) => faults.length === 0).length,
    failed: verdicts.filter(({ faults }) => faults.length > 0).length,
    scenarios: verdicts.map(({ points, seen, faultAtMs, badAtMs, alarmAtMs, recoveredAtMs, ...verdict }) => ({
      ...verdict,
      faultAt: instant(faultAtMs),
      badAt: instant(badAtMs),
      alarmAt: instant(alarmAtMs),
      recoveredAt: instant(recoveredAtMs),
      checks: points.filter(({ name }) => name === "CheckerHeartbeat").length,
      seen: seen.map(({ atMs, ...one }) => ({ at: instant(atMs), ...one })),
    })),
  };
}

const instant = (atMs: number | undefined): string | null =>
  atMs === undefined ? null : toIso(atMs as Parameters<typeof toIso>[0]);

const minutesBetween = (fromMs: number, toMs: number): string =>
  `${Math.round((toMs - fromMs) / MINUTE_MS)} min`;
