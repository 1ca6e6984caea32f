// When a store counts as gone: tries that kept failing for a while, with no chunk settled meanwhile.

import { describe, expect, it } from "vitest";
import { isStoreGone, type OutageWatch, watchOutage } from "../../../packages/core/src/writing/outage.ts";

/** What is judged after looks at `[seconds, settled chunks, outages]`. */
function judge(...looks: readonly (readonly [number, number, number])[]): boolean {
  let watch: OutageWatch | undefined;
  for (const [seconds, settledCount, outageCount] of looks)
    watch = watchOutage(watch, { settledCount, outageCount }, seconds * 1_000);
  return watch !== undefined && isStoreGone(watch);
}

describe("isStoreGone", () => {
  it("is true once three tries failed, the first and the last of them 5 s apart", () => {
    expect(judge([0, 5, 0], [1, 5, 1], [4, 5, 2], [6, 5, 3])).toBe(true);
  });

  it.each([
    ["nothing was looked at", []],
    [
      "no try failed, however long nothing is settled",
      [
        [0, 5, 0],
        [60, 5, 0],
      ],
    ], // a slow pace
    [
      "three tries failed at once",
      [
        [0, 5, 0],
        [1, 5, 3],
        [60, 5, 3],
      ],
    ], // a blip
    [
      "two tries failed",
      [
        [0, 5, 0],
        [1, 5, 1],
        [60, 5, 2],
      ],
    ],
    [
      "they failed within less than 5 s",
      [
        [0, 5, 0],
        [1, 5, 1],
        [5.9, 5, 9],
      ],
    ],
    [
      "they failed before the first look",
      [
        [0, 5, 9],
        [60, 5, 9],
      ],
    ],
    [
      "a chunk was settled since",
      [
        [0, 5, 0],
        [1, 5, 1],
        [6, 6, 3],
      ],
    ],
    [
      "fewer fail than before, because their chunks were settled",
      [
        [0, 5, 8],
        [1, 6, 4],
        [9, 6, 4],
      ],
    ],
  ] as const)("is false where %s", (_, looks) => {
    expect(judge(...looks)).toBe(false);
  });

  it("counts anew from each chunk that is settled", () => {
    const before = [
      [0, 5, 0],
      [1, 5, 1],
      [6, 6, 3],
    ] as const;

    expect(judge(...before, [7, 6, 4], [11, 6, 5])).toBe(false);
    expect(judge(...before, [7, 6, 4], [11, 6, 5], [12, 6, 6])).toBe(true);
  });
});
