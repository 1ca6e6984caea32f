// Decides what the sources of a game day send: a file every other minute of the platform's clock, sound or with a fault.

import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EpochMs, toIso } from "@steward/core";

/** `off`: nothing. `malformed`: half of the rows break a rule. `ahead`: dated an hour ahead. `one-shop`: the other one is silent. */
export type FeedMode = "sound" | "off" | "malformed" | "ahead" | "one-shop";

const RECORDS = 30;
const SHOPS = ["north", "south"] as const;
/** Events are so old when their file is dropped. */
const AGE_MS = 30_000;
const AHEAD_MS = 3_600_000;
const HEADERS: Readonly<Record<string, string>> = {
  sales: "customer_id,sold_at,pieces,shop",
  visits: "product_id,seen_at,pages",
};

/** Drops a file of a source into its folder, whole or not at all; its path. Undefined: the source is silent. */
export function dropFile(
  incoming: string,
  source: string,
  mode: FeedMode,
  nowMs: EpochMs,
): string | undefined {
  if (mode === "off") return undefined;
  const folder = join(incoming, source);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${toIso(nowMs).replaceAll(":", "-")}.csv`);
  writeFileSync(`${path}.part`, `${[HEADERS[source], ...rowsOf(source, mode, nowMs)].join("\n")}\n`);
  renameSync(`${path}.part`, path);
  return path;
}

/** Writes the file that was dropped as it should have been. */
export function correctFile(path: string, source: string, nowMs: EpochMs): void {
  writeFileSync(`${path}.part`, `${[HEADERS[source], ...rowsOf(source, "sound", nowMs)].join("\n")}\n`);
  renameSync(`${path}.part`, path);
}

function rowsOf(source: string, mode: FeedMode, nowMs: EpochMs): readonly string[] {
  const at = toIso((nowMs + (mode === "ahead" ? AHEAD_MS : -AGE_MS)) as EpochMs);
  return Array.from({ length: RECORDS }, (_, index) => {
    const pieces = mode === "malformed" && index % 2 === 0 ? "many" : String(1 + (index % 4));
    const shop = mode === "one-shop" ? SHOPS[0] : (SHOPS[index % SHOPS.length] ?? "");
    const id = String(index).padStart(3, "0");
    return source === "sales" ? `c${id},${at},${pieces},${shop}` : `p${id},${at},${pieces}`;
  });
}
