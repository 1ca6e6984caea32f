import { toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import type { CopyDocument } from "../../../packages/core/src/erasure/erasure-documents.ts";
import {
  copyResults,
  overallOutcome,
  subjectResults,
} from "../../../packages/core/src/erasure/erasure-outcome.ts";

describe("subjectResults", () => {
  it("calls a subject erased where anything went, newer kept where only something newer is, else not found", () => {
    const copies = [
      aCopy({ erasedSubjects: ["a"], newerSubjects: ["a", "b"] }),
      aCopy({ newerSubjects: ["b"] }),
    ];

    expect(subjectResults(["a", "b", "c"], copies)).toEqual([
      { pseudonym: "a", outcome: "erased" },
      { pseudonym: "b", outcome: "newer kept" },
      { pseudonym: "c", outcome: "nothing found" },
    ]);
  });

  it("takes what a column named for the one subject that there is", () => {
    const copies = [aCopy({ units: { visits: { lookedAt: 9, going: 2, newerKept: 0 } } })];

    expect(subjectResults(["a"], copies)).toEqual([{ pseudonym: "a", outcome: "erased" }]);
    expect(subjectResults(["a", "b"], copies).map(({ outcome }) => outcome)).toEqual([
      "nothing found",
      "nothing found",
    ]);
  });

  it("reads nothing of anybody from copies that go whole or hold references alone", () => {
    const units = { all: { lookedAt: 5, going: 5, newerKept: 0 } };

    const results = subjectResults(
      ["a"],
      [aCopy({ copy: "staging", units }), aCopy({ copy: "uncommitted appends", units })],
    );

    expect(overallOutcome(results)).toBe("nothing found");
  });
});

describe("copyResults", () => {
  it("balances each copy over its units, and dates what only time empties", () => {
    const units = {
      one: { lookedAt: 3, going: 2, newerKept: 1 },
      two: { lookedAt: 1, going: 1, newerKept: 0 },
    };
    const expiresOnMs = toEpochMs(9_000);

    const results = copyResults(
      [aCopy({ copy: "set-aside rows", name: "purchases", units })],
      [
        { copy: "set-aside rows", name: "purchases", expiresOnMs },
        { copy: "stream", name: "purchases", expiresOnMs },
      ],
    );

    expect(results).toMatchObject([
      { copy: "set-aside rows", lookedAt: 4, found: 4, erased: 3, newerKept: 1, expiresOnMs },
      { copy: "stream", lookedAt: 0, found: 0, erased: 0, physicallyGoneAtMs: null, expiresOnMs },
    ]);
  });
});

function aCopy(overrides: Partial<CopyDocument>): CopyDocument {
  return {
    copy: "offline",
    name: "customer-orders",
    units: {},
    erasedSubjects: [],
    newerSubjects: [],
    logicallyGoneAtMs: null,
    physicallyGoneAtMs: null,
    ...overrides,
  };
}
