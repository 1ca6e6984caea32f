// How suppressions are found: by entity and tag, all of them, and what each bars.

import {
  isSuppressed,
  type Ledger,
  readSuppressions,
  recordSuppressions,
  settleSuppressions,
  suppressionPartition,
  tagOf,
  toEpochMs,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import {
  readFencesOfTags,
  readSuppressionsOf,
  readSuppressionsOfTags,
} from "../../../packages/core/src/suppression/read-suppressions.ts";
import { aLedger } from "../../support/durable-stores.ts";

const SUBJECT = `abc${"0".repeat(61)}`;

describe("readSuppressions", () => {
  it("finds those of every tag of the entity, the first and the last, and no other entity's", async () => {
    const ledger = aLedger();
    const subjects = ["000", "abc", "fff"].map((tag) => tag.padEnd(64, "1"));
    for (const [index, pseudonym] of subjects.entries())
      await record(ledger, "customer", pseudonym, index === 0 ? undefined : index);
    await record(ledger, "customer-2", "abc".padEnd(64, "2"), 9);

    expect(await readSuppressions(ledger, "customer")).toEqual([
      { entity: "customer", pseudonym: subjects[0], untilMs: undefined },
      { entity: "customer", pseudonym: subjects[1], untilMs: 1 },
      { entity: "customer", pseudonym: subjects[2], untilMs: 2 },
    ]);
  });

  it("finds several subjects of one tag", async () => {
    const ledger = aLedger();
    const subjects = ["1", "2", "3"].map((digit) => "abc".padEnd(64, digit));
    for (const pseudonym of subjects) await record(ledger, "customer", pseudonym, 7);

    const found = await readSuppressionsOfTags(ledger, "customer", ["abc"]);

    expect(found.map(({ pseudonym }) => pseudonym)).toEqual(subjects);
  });
});

describe("readFencesOfTags", () => {
  it("keeps the time of an earlier request while a later one has none, and skips who has no time at all", async () => {
    const ledger = aLedger();
    const [timed, timeless] = ["1", "2"].map((digit) => "abc".padEnd(64, digit));
    await settleSuppressions(ledger, "customer", "earlier", [String(timed)], toEpochMs(7));
    await recordSuppressions(ledger, "customer", "later", [String(timed), String(timeless)]);

    expect(await readFencesOfTags(ledger, "customer", ["abc"])).toEqual([{ pseudonym: timed, untilMs: 7 }]);
    expect((await readSuppressionsOfTags(ledger, "customer", ["abc"])).map(({ untilMs }) => untilMs)).toEqual(
      [undefined, undefined],
    );
  });
});

describe("readSuppressionsOf", () => {
  it("finds the suppressions of the subjects that are asked for", async () => {
    const ledger = aLedger();
    await record(ledger, "customer", SUBJECT, 7);

    const found = await readSuppressionsOf(ledger, "customer", [SUBJECT, "def".padEnd(64, "0")]);

    expect(found.get(SUBJECT)?.untilMs).toBe(7);
    expect(found.has("def".padEnd(64, "0"))).toBe(false);
  });
});

describe("isSuppressed", () => {
  it.each<[string, number | undefined, number, boolean]>([
    ["what is dated before T", 10, 9, true],
    ["what is dated T", 10, 10, true],
    ["what is dated after T", 10, 11, false],
    ["everything while T is not known", undefined, 11, true],
  ])("of %s", (_, untilMs, eventTimeMs, expected) => {
    const suppression = {
      entity: "customer",
      pseudonym: SUBJECT,
      untilMs: untilMs === undefined ? undefined : toEpochMs(untilMs),
    };

    expect(isSuppressed(suppression, toEpochMs(eventTimeMs))).toBe(expected);
  });

  it("is false of a subject without one", () => {
    expect(isSuppressed(undefined, toEpochMs(0))).toBe(false);
  });
});

async function record(
  ledger: Ledger,
  entity: string,
  pseudonym: string,
  untilMs: number | undefined,
): Promise<void> {
  const partition = suppressionPartition(entity, tagOf(pseudonym));
  await ledger.put({ partition, sort: pseudonym }, untilMs === undefined ? {} : { untilMs }, "absent");
}
