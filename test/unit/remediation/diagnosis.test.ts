// What is wrong, from facts alone: the rule of each line is its title.

import { causeOf, type Diagnosis, diagnose, type Facts, toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import {
  DIFFERENT,
  FACTS_NOW,
  FRESH,
  HOUR_MS,
  LATE,
  MINUTE_MS,
  silentFacts,
  someFacts,
} from "../../support/facts.ts";

const AT_WORK = { runId: "r1", workflow: "refresh", isDead: false, quietMs: 5_000 };
const failedBy = (errorName: string) => ({
  runId: "r1",
  workflow: "refresh",
  errorName,
  failedAtMs: 1,
});
const unread = (hasReader: boolean) => ({
  isAtTip: false,
  hasReader,
  seenUntilMs: toEpochMs(FACTS_NOW - 3 * HOUR_MS),
});

const CASES: readonly (readonly [rule: string, facts: Facts, diagnosis: Partial<Diagnosis>])[] = [
  ["a group without fault has recovered", someFacts(), { kind: "recovered" }],
  [
    "a source that sent nothing past the objective, and all of it taken, is silent",
    silentFacts(),
    { kind: "source-silent", reason: 'source "orders" has sent nothing for 3 h, and nothing waits' },
  ],
  [
    "a source that never sent an event is silent",
    silentFacts({ youngestAgeMs: undefined, sides: { offline: { ageMs: undefined, differences: 0 } } }),
    { kind: "source-silent", reason: 'source "orders" has never sent an event, and nothing waits' },
  ],
  [
    "one partition without events while others go on is a silent partition",
    someFacts({ worstPartition: "north", sides: { offline: LATE, online: LATE, hot: LATE } }),
    {
      kind: "partition-silent",
      partition: "north",
      reason: 'source "orders" goes on, but its partition "north" has sent nothing for 3 h',
    },
  ],
  [
    "files that wait for an old group are a run that is missing, not a silent source",
    silentFacts({ waitingFiles: 2 }),
    { kind: "run-missing", reason: '2 files wait for source "orders", and no run has taken them' },
  ],
  [
    "files that the next slot takes say nothing of a silent source",
    silentFacts({ waitingFiles: 2, isRunOverdue: false }),
    { kind: "source-silent" },
  ],
  [
    "events that another group of the source has, and this one has not, are a run that is missing",
    silentFacts({ isBehindSource: true }),
    {
      kind: "run-missing",
      reason: 'other groups have newer events of source "orders", and no run has computed this one since',
    },
  ],
  ["files that wait for a fresh group are no fault", someFacts({ waitingFiles: 1 }), { kind: "recovered" }],
  [
    "a hot store without what offline has is behind, and an empty one above all",
    someFacts({ sides: { hot: DIFFERENT } }),
    { kind: "hot-behind", targets: ["hot"] },
  ],
  [
    "a store that does not answer is away, and explains a run that failed",
    silentFacts({
      failed: failedBy("WriteFailedError"),
      sides: { hot: { ageMs: undefined, differences: 0, isAway: true } },
    }),
    { kind: "store-away", reason: "the hot store does not answer" },
  ],
  [
    "so is the online store",
    someFacts({ sides: { online: DIFFERENT } }),
    { kind: "online-behind", targets: ["online"] },
  ],
  [
    "both stores behind are one diagnosis",
    someFacts({ sides: { online: DIFFERENT, hot: DIFFERENT } }),
    { kind: "stores-behind", targets: ["online", "hot"] },
  ],
  [
    "what can be repaired comes before a source that is silent",
    silentFacts({ sides: { hot: DIFFERENT } }),
    { kind: "hot-behind" },
  ],
  [
    "a run whose process is dead is stuck, however short ago",
    silentFacts({ atWork: { ...AT_WORK, isDead: true, quietMs: 0 } }),
    { kind: "run-stuck", runId: "r1", isDead: true },
  ],
  [
    "a run of which nothing moves for the stuck time is stuck",
    silentFacts({ atWork: { ...AT_WORK, quietMs: 30 * MINUTE_MS } }),
    { kind: "run-stuck", runId: "r1", isDead: false },
  ],
  ["a run that moves is waited for", silentFacts({ atWork: AT_WORK }), { kind: "run-at-work", runId: "r1" }],
  [
    "after two waits a group that is always at work is looked at all the same",
    silentFacts({ atWork: AT_WORK, waits: 2 }),
    { kind: "source-silent" },
  ],
  [
    "a run that bad data failed is a matter of data",
    silentFacts({ failed: failedBy("DataRejectedError") }),
    { kind: "run-failed", cause: "data", errorName: "DataRejectedError" },
  ],
  [
    "a run that a store failed is a matter of capacity",
    silentFacts({ failed: failedBy("UnavailableError") }),
    { kind: "run-failed", cause: "capacity" },
  ],
  [
    "a run that failed by a name nobody knows is a matter of the program",
    silentFacts({ failed: failedBy("TypeError") }),
    { kind: "run-failed", cause: "code" },
  ],
  [
    "bad data does not keep the hot store from being repaired first",
    silentFacts({ failed: failedBy("DataRejectedError"), sides: { hot: DIFFERENT } }),
    { kind: "hot-behind" },
  ],
  [
    "chunks that could not be written explain a hot store that is behind",
    silentFacts({ failed: failedBy("WriteFailedError"), sides: { hot: DIFFERENT } }),
    { kind: "run-failed", cause: "capacity", errorName: "WriteFailedError" },
  ],
  [
    "a bad file that waits is not run again because it waits",
    silentFacts({ failed: failedBy("DataRejectedError"), waitingFiles: 1 }),
    { kind: "run-failed", cause: "data" },
  ],
  [
    "events of a stream that nobody reads are a stream behind",
    silentFacts({ path: "stream", stream: unread(false) }),
    {
      kind: "stream-behind",
      hasReader: false,
      reason: 'events of stream "orders" lie unread for 3 h: nobody reads it',
    },
  ],
  [
    "a reader that does not keep up is told apart",
    silentFacts({ path: "stream", stream: unread(true) }),
    { kind: "stream-behind", hasReader: true },
  ],
  [
    "a stream at its tip with old events has a silent source",
    silentFacts({ path: "stream", stream: { isAtTip: true, hasReader: true, seenUntilMs: FACTS_NOW } }),
    { kind: "source-silent" },
  ],
  [
    "a checker without two heartbeats is broken, and nothing else it said counts",
    silentFacts({ checkerQuietMs: 2 * MINUTE_MS + 1, sides: { hot: DIFFERENT } }),
    { kind: "checker-broken" },
  ],
  [
    "a checker that has not reported for long is broken",
    someFacts({ checkerQuietMs: undefined }),
    { kind: "checker-broken" },
  ],
  ["the platform has recovered once the checker beats", someFacts({ group: null }), { kind: "recovered" }],
  [
    "an age that cannot be said, without a reason that is known, is unknown and quotes the reason",
    someFacts({ sides: { offline: { ageMs: undefined, differences: 0, reason: "dated ahead of now" } } }),
    {
      kind: "unknown",
      reason: "nothing that is known explains it (offline: dated ahead of now)",
    },
  ],
  [
    "a group that nobody asked an age of cannot be late",
    someFacts({ objectiveMs: undefined, sides: { offline: LATE } }),
    { kind: "recovered" },
  ],
  [
    "an age of exactly the objective is in time",
    someFacts({ youngestAgeMs: 2 * HOUR_MS, sides: { offline: { ...FRESH, ageMs: 2 * HOUR_MS } } }),
    { kind: "recovered" },
  ],
];

describe("diagnose", () => {
  it.each(CASES)("%s", (_, facts, diagnosis) => {
    expect(diagnose(facts)).toMatchObject(diagnosis);
  });

  it.each(CASES)("gives a reason: %s", (_, facts) => {
    expect(diagnose(facts).reason).toMatch(/^\S.{15,}/);
  });
});

describe("causeOf", () => {
  it.each([
    ["DataRejectedError", "data"],
    ["InvalidInputError", "data"],
    ["UnavailableError", "capacity"],
    ["WriteFailedError", "capacity"],
    ["ConflictError", "capacity"],
    ["DifferencesFoundError", "capacity"],
    ["States.Timeout", "capacity"],
    ["DefinitionError", "code"],
    ["TypeError", "code"],
    ["toString", "code"],
  ] as const)("takes %s for a matter of %s", (name, cause) => {
    expect(causeOf(name)).toBe(cause);
  });
});
