// When erasures are told of as late: from the oldest that is open, and not at all where none is.

import { type EpochMs, type ErasureRequest, toErasurePoints } from "@steward/core";
import { describe, expect, it } from "vitest";

const HOUR_MS = 3_600_000;
const NOW = 1_000 * HOUR_MS;
const hoursAgo = (hours: number): EpochMs => (NOW - hours * HOUR_MS) as EpochMs;

function aRequest(changes: Partial<ErasureRequest>): ErasureRequest {
  return {
    requestId: "request-1",
    entity: "customer",
    subjectCount: 1,
    requestedAtMs: hoursAgo(1),
    certificate: null,
    finishRunId: null,
    finishedAtMs: null,
    ...changes,
  };
}

const certified = (finishAfterMs: EpochMs) => ({
  number: 1,
  key: "evidence/1",
  sha256: "0".repeat(64),
  certifiedAtMs: hoursAgo(200),
  finishAfterMs,
});
const told = (requests: readonly ErasureRequest[]) =>
  toErasurePoints(requests, NOW as EpochMs).map(({ name, value, unit }) => [name, value, unit]);

describe("toErasurePoints", () => {
  it("tells the age of the oldest request that has no certificate", () => {
    const requests = [aRequest({ requestedAtMs: hoursAgo(2) }), aRequest({ requestedAtMs: hoursAgo(30) })];

    expect(told(requests)).toEqual([["UncertifiedErasureAge", 30 * 3_600, "Seconds"]]);
  });

  it("tells how long the earliest finish is overdue, and nothing of one that is made or not due", () => {
    const requests = [
      aRequest({ certificate: certified(hoursAgo(5)) }),
      aRequest({ certificate: certified(hoursAgo(3)) }),
      aRequest({ certificate: certified(hoursAgo(9)), finishedAtMs: hoursAgo(8) }),
      aRequest({ certificate: certified(hoursAgo(-1)) }),
    ];

    expect(told(requests)).toEqual([["ErasureFinishOverdue", 5 * 3_600, "Seconds"]]);
  });

  it("tells nothing where nothing is open", () => {
    const done = aRequest({ certificate: certified(hoursAgo(5)), finishedAtMs: hoursAgo(4) });

    expect(told([])).toEqual([]);
    expect(told([done])).toEqual([]);
  });
});
