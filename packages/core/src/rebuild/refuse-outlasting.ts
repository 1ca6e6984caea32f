// Decides whether a rebuild can still catch the stream up when it is done: what arrives meanwhile must not be gone from it
// by then. A store that holds records already is kept up by the consumer; an empty one would miss them.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { InvalidInputError } from "../errors/steward-error.ts";
import type { Target } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type EpochMs, MIN_EPOCH_MS } from "../time/epoch-ms.ts";

export interface Outlasting {
  readonly targets: readonly Target[];
  readonly asOfMs: EpochMs;
  /** From when the stream is to be read again; the beginning of time: all of it, for the consumer has only just begun. */
  readonly handOverMs: EpochMs;
  /** What the writing is expected to take. */
  readonly seconds: number;
}

const HOUR_MS = 3_600_000;

/** @throws InvalidInputError when an empty store would miss events. Scans no more than the first page of each store. */
export async function refuseOutlasting(
  ports: Ports,
  group: FeatureGroup,
  { targets, asOfMs, handOverMs, seconds }: Outlasting,
): Promise<void> {
  const { retentionMs } = ports.streams;
  const nowMs = ports.clock.now();
  const sinceMs =
    handOverMs === MIN_EPOCH_MS ? Math.min(asOfMs, nowMs - ports.settings.offlineBufferMs) : handOverMs;
  const neededMs = nowMs - sinceMs + seconds * 1_000;
  if (neededMs <= retentionMs) return;
  const empty: Target[] = [];
  for (const target of targets) if (await isEmpty(ports, group, target)) empty.push(target);
  if (empty.length === 0) return;
  throw new InvalidInputError(
    `a rebuild of "${group.name}" ends ${toHours(neededMs)} after the instant that its stream must be read again from, and the ` +
      `stream keeps ${toHours(retentionMs)}: the empty ${empty.join(" and ")} store would miss what arrives meanwhile; ` +
      "take a higher --pace, a later --as-of, or keep the stream longer",
  );
}

async function isEmpty(ports: Ports, group: FeatureGroup, target: Target): Promise<boolean> {
  const pages = target === "hot" ? ports.hotStore.scan(group) : ports.onlineStore.list(group);
  for await (const page of pages) if (page.length > 0) return false;
  return true;
}

function toHours(durationMs: number): string {
  return `${(durationMs / HOUR_MS).toFixed(1)} hours`;
}
