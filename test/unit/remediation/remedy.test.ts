// What is done about a diagnosis, and what is never done.

import {
  chooseRemedy,
  type Diagnosis,
  diagnose,
  type EpochMs,
  isTreatment,
  type Remedy,
  type RemedyHistory,
  type RemedyLimits,
  toEpochMs,
} from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FACTS_NOW, HOUR_MS, MINUTE_MS, silentFacts } from "../../support/facts.ts";

const LIMITS: RemedyLimits = {
  budget: 3,
  budgetWindowMs: 24 * HOUR_MS,
  coolDownMs: 2 * MINUTE_MS,
  checkerGraceMs: MINUTE_MS,
  awayGraceMs: 3 * MINUTE_MS,
};
const ago = (ms: number): EpochMs => toEpochMs(FACTS_NOW - ms);
const reason = "it is so";

function aHistory(given: Partial<RemedyHistory> = {}): RemedyHistory {
  return {
    group: "customer-orders",
    foundSinceMs: ago(10 * MINUTE_MS),
    spentAtMs: [],
    tried: [],
    ...given,
  };
}
const choose = (diagnosis: Diagnosis, history: Partial<RemedyHistory> = {}): Remedy =>
  chooseRemedy(diagnosis, aHistory(history), LIMITS, FACTS_NOW);
const failed = (errorName: string, cause: "code" | "data" | "capacity"): Diagnosis => ({
  kind: "run-failed",
  runId: "r1",
  cause,
  errorName,
  reason,
});
const HOT_BEHIND: Diagnosis = { kind: "hot-behind", targets: ["hot"], reason };

const CASES: readonly (readonly [rule: string, diagnosis: Diagnosis, remedy: Partial<Remedy>])[] = [
  ["rebuilds the store that is behind, and no other", HOT_BEHIND, { kind: "rebuild", targets: ["hot"] }],
  [
    "rebuilds both stores at once",
    { kind: "stores-behind", targets: ["online", "hot"], reason },
    { kind: "rebuild", targets: ["online", "hot"] },
  ],
  [
    "restarts a run that is stuck",
    { kind: "run-stuck", runId: "r1", isDead: false, reason },
    { kind: "restart", runId: "r1", isDead: false },
  ],
  [
    "takes up a run whose process is dead where it stood",
    { kind: "run-stuck", runId: "r1", isDead: true, reason },
    { kind: "restart", isDead: true, reason: "it goes on where it stood" },
  ],
  [
    "waits for a run that is at work",
    { kind: "run-at-work", runId: "r1", reason },
    { kind: "wait", runId: "r1" },
  ],
  ["reruns what capacity failed", failed("UnavailableError", "capacity"), { kind: "rerun", runId: "r1" }],
  [
    "redrives what could not be written",
    failed("WriteFailedError", "capacity"),
    { kind: "redrive", runId: "r1" },
  ],
  ["pages for bad data", failed("DataRejectedError", "data"), { kind: "page" }],
  ["pages for a fault of the program", failed("TypeError", "code"), { kind: "page" }],
  ["refreshes where files wait", { kind: "run-missing", reason }, { kind: "rerun", runId: null }],
  [
    "replays a stream that nobody reads, from where it was read to",
    { kind: "stream-behind", hasReader: false, seenUntilMs: 5, reason },
    { kind: "replay", fromMs: 5 },
  ],
  [
    "replays from the oldest event what was never read",
    { kind: "stream-behind", hasReader: false, seenUntilMs: undefined, reason },
    { kind: "replay", fromMs: null },
  ],
  [
    "pages for a reader that does not keep up",
    { kind: "stream-behind", hasReader: true, seenUntilMs: 5, reason },
    { kind: "page" },
  ],
  ["pages for a silent source", { kind: "source-silent", reason }, { kind: "page" }],
  [
    "pages for a silent partition",
    { kind: "partition-silent", partition: "north", reason },
    { kind: "page" },
  ],
  ["pages for what nobody knows", { kind: "unknown", reason }, { kind: "page" }],
  ["looks on where all is well again", { kind: "recovered", reason }, { kind: "confirm" }],
];

describe("chooseRemedy", () => {
  it.each(CASES)("%s", (_, diagnosis, remedy) => {
    const chosen = choose(diagnosis);

    expect(chosen).toMatchObject(remedy);
    expect(chosen.reason.length).toBeGreaterThan(10);
  });

  it("pages in place of the fourth remedy of a group in 24 hours, and says which it would have been", () => {
    const spentAtMs = [ago(20 * HOUR_MS), ago(10 * HOUR_MS), ago(HOUR_MS)];

    expect(choose(HOT_BEHIND, { spentAtMs })).toEqual({
      kind: "page",
      reason: "3 remedies in 1 d are all that a group may get, and it needs another (rebuild)",
    });
  });

  it("has budget again once the oldest remedy is 24 hours old", () => {
    const spentAtMs = [ago(24 * HOUR_MS), ago(10 * HOUR_MS), ago(HOUR_MS)];

    expect(choose(HOT_BEHIND, { spentAtMs })).toMatchObject({ kind: "rebuild" });
  });

  it("pauses between two remedies until the cool-down is over, to the millisecond", () => {
    expect(choose(HOT_BEHIND, { spentAtMs: [ago(2 * MINUTE_MS - 1)] })).toMatchObject({
      kind: "pause",
      untilMs: FACTS_NOW + 1,
    });
    expect(choose(HOT_BEHIND, { spentAtMs: [ago(2 * MINUTE_MS)] })).toMatchObject({ kind: "rebuild" });
  });

  it("pages at once where a person is needed, however recent the last remedy", () => {
    expect(choose({ kind: "source-silent", reason }, { spentAtMs: [ago(0)] })).toMatchObject({
      kind: "page",
    });
  });

  it("replays once for a stream that nobody reads, then pages for somebody to read it", () => {
    const unread: Diagnosis = { kind: "stream-behind", hasReader: false, seenUntilMs: 5, reason };

    expect(choose(unread, { tried: ["wait", "replay"] })).toMatchObject({ kind: "page" });
  });

  it("pages for an alarm that does not clear although all is well", () => {
    expect(choose({ kind: "recovered", reason }, { tried: ["confirm", "rebuild", "confirm"] })).toMatchObject(
      { kind: "confirm" },
    );
    expect(choose({ kind: "recovered", reason }, { tried: ["confirm", "confirm", "confirm"] })).toMatchObject(
      { kind: "page" },
    );
  });

  it("gives a checker a moment, then pages once for the platform and leaves the groups to that", () => {
    const broken: Diagnosis = { kind: "checker-broken", reason };

    expect(choose(broken, { foundSinceMs: ago(MINUTE_MS - 1) })).toMatchObject({ kind: "pause" });
    expect(choose(broken, { group: null, foundSinceMs: ago(MINUTE_MS) })).toMatchObject({ kind: "page" });
    expect(choose(broken, { foundSinceMs: ago(MINUTE_MS) })).toMatchObject({ kind: "leave" });
  });

  it("gives a store that does not answer some minutes, then pages", () => {
    const away: Diagnosis = { kind: "store-away", reason };

    expect(choose(away, { foundSinceMs: ago(3 * MINUTE_MS - 1) })).toMatchObject({ kind: "pause" });
    expect(choose(away, { foundSinceMs: ago(3 * MINUTE_MS) })).toMatchObject({ kind: "page" });
  });

  it("never runs anything for a silent source, whatever came before", () => {
    const remedies = fc.array(fc.integer({ min: 0, max: 30 * HOUR_MS }).map(ago), { maxLength: 5 });

    fc.assert(
      fc.property(
        remedies,
        fc.array(fc.constantFrom("confirm", "rebuild", "replay", "wait", "page"), { maxLength: 5 }),
        fc.integer({ min: 0, max: 2 }),
        (spentAtMs, tried, waits) => {
          const chosen = choose(diagnose(silentFacts({ waits })), { spentAtMs, tried });

          expect(chosen.kind).toBe("page");
        },
      ),
    );
  });

  it("never gives a group more remedies than its budget in any 24 hours, nor two within the cool-down", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 8 * HOUR_MS }), { minLength: 1, maxLength: 60 });

    fc.assert(
      fc.property(gaps, (gapsMs) => {
        const spentAtMs: EpochMs[] = [];
        let nowMs: number = FACTS_NOW;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          const chosen = chooseRemedy(HOT_BEHIND, aHistory({ spentAtMs }), LIMITS, toEpochMs(nowMs));
          if (isTreatment(chosen)) spentAtMs.push(toEpochMs(nowMs));
        }

        for (const [index, atMs] of spentAtMs.entries()) {
          expect(
            spentAtMs.filter((other) => other > atMs - 24 * HOUR_MS && other <= atMs).length,
          ).toBeLessThanOrEqual(3);
          expect(atMs - (spentAtMs[index - 1] ?? 0)).toBeGreaterThanOrEqual(2 * MINUTE_MS);
        }
      }),
    );
  });
});
