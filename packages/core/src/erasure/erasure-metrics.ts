// Decides by which metrics it is told that erasures take too long. Where nothing is open, nothing is put.

import type { MetricQuery } from "../ports/metric-history.ts";
import type { MetricPoint } from "../ports/metrics.ts";
import type { Ports } from "../ports/ports.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { type ErasureRequest, listRequests } from "./erasure-request.ts";

const dimensions = { component: "erasures" } as const;

/** Seconds since the oldest request came that has no certificate. */
export const UNCERTIFIED_ERASURE: MetricQuery = { name: "UncertifiedErasureAge", dimensions };
/** Seconds since the earliest finish was due that was not made: the certificate stands, its last scan does not. */
export const UNFINISHED_ERASURE: MetricQuery = { name: "ErasureFinishOverdue", dimensions };

/** Reads every request. */
export async function measureErasures(ports: Pick<Ports, "clock" | "ledger" | "metrics">): Promise<void> {
  const points = toErasurePoints(await listRequests(ports.ledger), ports.clock.now());
  if (points.length > 0) await ports.metrics.put(points);
}

export function toErasurePoints(requests: readonly ErasureRequest[], nowMs: EpochMs): readonly MetricPoint[] {
  const open = requests.filter(({ certificate }) => certificate === null);
  const due = requests.flatMap(({ certificate, finishedAtMs }) =>
    certificate === null || finishedAtMs !== null || certificate.finishAfterMs > nowMs
      ? []
      : [certificate.finishAfterMs],
  );
  return [
    ...sinceFirst(
      UNCERTIFIED_ERASURE,
      open.map(({ requestedAtMs }) => requestedAtMs),
      nowMs,
    ),
    ...sinceFirst(UNFINISHED_ERASURE, due, nowMs),
  ];
}

function sinceFirst(
  metric: MetricQuery,
  instants: readonly EpochMs[],
  nowMs: EpochMs,
): readonly MetricPoint[] {
  if (instants.length === 0) return [];
  const value = Math.max(0, nowMs - Math.min(...instants)) / 1_000;
  return [{ ...metric, value, unit: "Seconds", atMs: nowMs }];
}
