import { compareRecord, type FeatureRecord } from "@steward/core";
import { describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";

const GROUP = aFeatureGroup();
const WANTED = aRecord({ eventTimeMs: 1_000, features: { orders_30d: 3, last_channel: "web" } });

describe("compareRecord", () => {
  it.each<[string, FeatureRecord | undefined, string | undefined]>([
    ["the same record is as it should be", WANTED, undefined],
    ["a newer one is, whatever it holds", aRecord({ eventTimeMs: 1_001, features: {} }), undefined],
    ["none is missing", undefined, "missing"],
    [
      "an older one is stale, whatever it holds",
      { ...WANTED, eventTimeMs: aRecord({ eventTimeMs: 999 }).eventTimeMs },
      "stale",
    ],
    [
      "another value is different",
      { ...WANTED, features: { orders_30d: 4, last_channel: "web" } },
      "different",
    ],
    ["a value less is different", { ...WANTED, features: { orders_30d: 3 } }, "different"],
    [
      "a value more is different",
      { ...WANTED, features: { ...WANTED.features, avg_order_value_30d: 1 } },
      "different",
    ],
    [
      "a number for its text is different",
      { ...WANTED, features: { ...WANTED.features, orders_30d: "3" } },
      "different",
    ],
    [
      "a feature that is declared no more does not count",
      { ...WANTED, features: { ...WANTED.features, dropped_feature: 9 } },
      undefined,
    ],
  ])("%s", (_, held, expected) => {
    expect(compareRecord(GROUP, WANTED, held)).toBe(expected);
  });
});
