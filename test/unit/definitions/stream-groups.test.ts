import { type Aggregation, count, definitionFingerprint, latest, max } from "@steward/core";
import { describe, expect, it } from "vitest";
import { aFeatureGroup } from "../../support/builders.ts";

const fed = (features: Readonly<Record<string, Aggregation>>) => () =>
  aFeatureGroup({ path: "stream", features });

describe("a group that a stream feeds", () => {
  it("takes the latest value of columns, with defaults", () => {
    const group = fed({ channel: latest("channel").default("none"), at: latest("ordered_at") })();

    expect(group.path).toBe("stream");
    expect(aFeatureGroup().path).toBe("batch");
  });

  it.each([
    ["a count", { orders: count() }],
    ["a greatest value", { largest: max("amount") }],
    ["a window", { channel: latest("channel").over("1 day") }],
    ["a filter", { channel: latest("channel").where("quantity", "greater", 1) }],
  ])("is refused with %s, which takes more than one event to compute", (_, features) => {
    expect(fed(features)).toThrow(
      `features.${Object.keys(features)[0]}: a group that a stream feeds takes latest(column) alone`,
    );
  });

  it("is another definition than the same group of batch runs", () => {
    const features = { channel: latest("channel") };

    expect(definitionFingerprint(fed(features)())).not.toBe(
      definitionFingerprint(aFeatureGroup({ features })),
    );
  });

  it("names a path that there is", () => {
    expect(() => aFeatureGroup({ path: "lake" as never })).toThrow('path: must be "batch" or "stream"');
  });
});
