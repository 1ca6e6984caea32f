// The youngest event of each partition, over pages and shards in any order.

import type { EpochMs } from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addYoungest, type Youngest } from "../../../packages/core/src/streaming/youngest-events.ts";

const ms = (value: number): EpochMs => value as EpochMs;

describe("addYoungest", () => {
  it("keeps the younger of two, and what only one has", () => {
    const sum = addYoungest({ north: ms(5), south: ms(9) }, { north: ms(7), south: ms(1), west: ms(3) });

    expect(sum).toEqual({ north: 7, south: 9, west: 3 });
  });

  it("comes to the same in any order and however often a page comes", () => {
    const page = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.nat(50).map(ms));
    fc.assert(
      fc.property(page, page, (one: Youngest, other: Youngest) => {
        const sum = addYoungest(one, other);

        expect(addYoungest(other, one)).toEqual(sum);
        expect(addYoungest(sum, one)).toEqual(sum);
      }),
    );
  });

  it("forgets the youngest beyond 1,000 partitions, for the silent ones are looked for", () => {
    const many = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`p${index}`, ms(index + 1)]),
    );

    const sum = addYoungest(many, { silent: ms(0) });

    expect(Object.keys(sum)).toHaveLength(1_000);
    expect(sum.silent).toBe(0);
    expect(sum.p999).toBeUndefined();
  });
});
