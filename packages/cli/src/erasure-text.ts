// Decides how an erasure reads to a person: what became of the subjects, where it looked, what only time does, what stays.

import type { CopyLine, ErasurePreview, ErasureReport } from "@steward/core";
import { toTable } from "./table.ts";
import { toCountText, toElapsedText } from "./words.ts";

/** Nouns of the entities stay as they are declared: `2 of customer`. */
const toSubjects = (count: number, entity: string): string => `${toCountText(count)} of ${entity}`;

const HEADLINES: Readonly<Record<string, string>> = {
  certified: "Erased",
  "nothing found": "Nothing found of",
  finished: "Finished the erasure of",
  failed: "Failed to erase",
  cancelled: "Cancelled the erasure of",
};

export function toErasureText(report: ErasureReport): string {
  const { outcome, counts, entity, durationMs, requestId } = report;
  const headline = HEADLINES[outcome] ?? `${outcome}:`;
  return [
    `${headline} ${toSubjects(counts.subjects, entity)} in ${toElapsedText(durationMs)} (erasure ${requestId}).`,
    ...toOutcomeLines(report),
    ...toSuppressionLines(report),
    ...(report.copies.length === 0 ? [] : ["Where it looked:", indent(toCopyTable(report.copies))]),
    ...(report.stays.length === 0 ? [] : ["What stays:"]),
    ...report.stays.map(({ what, why }) => `  ${what}: ${why}.`),
    ...toFinishLines(report),
  ].join("\n");
}

function toOutcomeLines({ counts, certifiedAt }: ErasureReport): readonly string[] {
  if (certifiedAt === null) return [];
  const { erased, newerKept, nothingFound } = counts;
  const parts = [
    `${toCountText(erased)} erased`,
    ...(newerKept > 0 ? [`${toCountText(newerKept)} newer kept (came back before)`] : []),
    ...(nothingFound > 0
      ? [`${toCountText(nothingFound)} not found anywhere, and suppressed all the same`]
      : []),
  ];
  return [`${parts.join(", ")}.`];
}

function toSuppressionLines({ suppressedUntil }: ErasureReport): readonly string[] {
  return suppressedUntil === null
    ? ["Not suppressed yet."]
    : [`Suppressed: nothing of them dated ${suppressedUntil} or before is written again.`];
}

function toFinishLines({ certifiedAt, finishAfter, finishedAt }: ErasureReport): readonly string[] {
  if (finishedAt !== null) return [`Finished ${finishedAt}: the identifiers of the request are forgotten.`];
  if (certifiedAt === null) return ["It has no certificate yet."];
  return [
    `Certified ${certifiedAt}. After ${finishAfter} the copies are passed over once more, by \`steward up\` or a later command.`,
  ];
}

function toCopyTable(copies: readonly CopyLine[]): string {
  return toTable(
    ["COPY", "NAME", "LOOKED AT", "FOUND", "ERASED", "NEWER KEPT", "GONE"],
    copies.map(({ copy, name, lookedAt, found, erased, newerKept, physicallyGoneAt, expiresOn }) => [
      copy,
      name,
      lookedAt,
      found,
      erased,
      newerKept,
      [
        ...(physicallyGoneAt === null ? [] : [physicallyGoneAt]),
        ...(expiresOn === null ? [] : [`expires ${expiresOn}`]),
      ].join(", ") || "-",
    ]),
  );
}

export function toErasurePreviewText(preview: ErasurePreview): string {
  const { entity, subjects, groups, sources, stays, finishAfter } = preview;
  return [
    `An erasure of ${toSubjects(subjects, entity)} would look in:`,
    indent(
      toTable(
        ["GROUP", "OFFLINE FILES", "VERSIONS", "ROWS", "ONLINE", "HOT"],
        groups.map(({ name, objects, versions, rows, online, hot }) => [
          name,
          objects,
          versions,
          rows,
          online,
          hot,
        ]),
      ),
    ),
    indent(
      toTable(
        ["SOURCE", "EVENT FILES", "VERSIONS", "EVENTS", "SET ASIDE"],
        sources.map(({ name, objects, versions, rows, setAsideRows }) => [
          name,
          objects,
          versions,
          rows,
          setAsideRows,
        ]),
      ),
    ),
    "What would stay:",
    ...stays.map(({ what, why }) => `  ${what}: ${why}.`),
    `Begun now, it would be finished after ${finishAfter}. What is not found is suppressed all the same. Nothing was written.`,
  ].join("\n");
}

/** Where the proof lies. */
export function toProofText(proof: {
  /** Paths. */
  readonly certificate: string;
  readonly publicKey: string;
}): string {
  const { certificate, publicKey } = proof;
  return [
    `certificate  ${certificate}`,
    `public key   ${publicKey}`,
    `\`steward certificate verify ${certificate} --key ${publicKey}\` checks it, anywhere.`,
  ].join("\n");
}

const indent = (text: string): string => text.replaceAll(/^/gm, "  ");
