// Decides how the plan of a rebuild reads to a person.

import type { RebuildPreview } from "@steward/core";
import { toCountOf, toCountText, toElapsedText } from "./words.ts";

const STORES = { online: "the online store", hot: "the hot store" } as const;

export function toPreviewText(preview: RebuildPreview): string {
  const { group, asOf, targets, files, records, chunks, bytes, seconds, pace, dollars, costs } = preview;
  const speed =
    pace === null ? "as fast as the stores take them" : `at ${toCountText(pace)} write units a second`;
  const unsure = costs.filter(({ confidence, total }) => confidence === "unconfirmed" && total > 0);
  return [
    `A rebuild of ${group} as of ${asOf} would write ${targets.map((target) => STORES[target]).join(" and ")}:`,
    `  ${toCountOf(records, "record")} (${toCountText(bytes)} bytes) from ${toCountOf(files, "offline file")}, in ${toCountOf(chunks, "chunk")}`,
    `  about ${toElapsedText(seconds * 1_000)}, ${speed}`,
    `  about $${dollars.toFixed(2)} in an account (us-east-1)${unsure.length === 0 ? "" : `; unconfirmed prices: ${unsure.map(({ item }) => item).join(", ")}`}`,
    "Nothing was written.",
  ].join("\n");
}
