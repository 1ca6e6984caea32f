// What a reader sees where there is no value.

import { count, defaultedFeatures, defaultSnapshot, latest, mean, sum, toRow } from "@steward/core";
import { describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";

const group = aFeatureGroup({
  features: {
    orders: count(),
    spend: sum("amount").default(0),
    mean_order: mean("amount"),
    last_channel: latest("channel").default(""),
  },
});

describe("defaultSnapshot", () => {
  it("has every feature: its default, else null", () => {
    expect(defaultSnapshot(group)).toEqual({ last_channel: "", mean_order: null, orders: null, spend: 0 });
    expect(Object.keys(defaultSnapshot(group))).toEqual(["last_channel", "mean_order", "orders", "spend"]);
    expect(Object.isFrozen(defaultSnapshot(group))).toBe(true);
  });
});

describe("toRow", () => {
  it("shows the value, else the default, else null, and the event time in ISO form", () => {
    const record = aRecord({ recordId: "00042", eventTimeMs: 875_664_000_000, features: { orders: 3 } });

    expect(toRow(group, record)).toEqual({
      group: "customer-orders",
      recordId: "00042",
      eventTime: "1997-10-01T00:00:00.000Z",
      features: { last_channel: "", mean_order: null, orders: 3, spend: 0 },
    });
  });

  it("shows 0, false and the empty text as the values that they are", () => {
    const record = aRecord({ features: { orders: 0, mean_order: 0, last_channel: "" } });

    expect(
      toRow(aFeatureGroup({ features: { last_channel: latest("channel").default("web") } }), record).features,
    ).toEqual({ last_channel: "" });
    expect(toRow(group, record).features).toMatchObject({ orders: 0, mean_order: 0 });
  });

  it("leaves out what a record holds beyond the declared features", () => {
    expect(toRow(group, aRecord({ features: { dropped: 1 } })).features).not.toHaveProperty("dropped");
  });

  it("shows no value for a feature that is called as what every object inherits", () => {
    const odd = aFeatureGroup({
      features: { constructor: latest("channel"), valueOf: sum("amount").default(7) },
    });

    expect(toRow(odd, aRecord({ features: {} })).features).toEqual({ constructor: null, valueOf: 7 });
    expect(defaultedFeatures(odd, aRecord({ features: {} }))).toEqual(["valueOf"]);
  });
});

describe("defaultedFeatures", () => {
  it("names the features that show a default because nothing is stored", () => {
    expect(defaultedFeatures(group, aRecord({ features: { orders: 3 } }))).toEqual(["last_channel", "spend"]);
    expect(defaultedFeatures(group, aRecord({ features: { spend: 0, last_channel: "" } }))).toEqual([]);
  });
});
