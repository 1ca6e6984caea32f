// The payload of a hot value, against an independent implementation of Avro.

import {
  boolean,
  entity,
  type FeatureValue,
  featureGroup,
  float,
  hotValueSchema,
  instant,
  integer,
  latest,
  source,
  text,
} from "@steward/core";
import avro from "avsc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { payloadEncoder } from "../../../packages/adapters/src/hot/avro-payload.ts";
import { aRecord } from "../../support/builders.ts";

const group = featureGroup("payloads", {
  entity: entity("customer", { key: "customer_id" }),
  source: source("purchases", {
    columns: {
      customer_id: text(),
      date: instant(),
      amount: float(),
      gift: boolean(),
      quantity: integer(),
      channel: text(),
    },
    eventTime: "date",
  }),
  owner: "growth",
  features: {
    amount: latest("amount"),
    channel: latest("channel"),
    gift: latest("gift"),
    quantity: latest("quantity"),
  },
});
const encoder = payloadEncoder(group);
const type = avro.Type.forSchema(hotValueSchema(group) as unknown as avro.Schema);
/** From here on avsc keeps its own numbers only nearly. */
const AVSC_MAX = 2 ** 52 - 1;

function encode(features: Record<string, FeatureValue>): Buffer {
  const record = aRecord({ features });
  const target = Buffer.alloc(encoder.maxBytes(record));
  return target.subarray(0, encoder.encode(record, target, 0));
}

const features = fc.record(
  {
    amount: fc.double(),
    channel: fc.oneof(fc.string({ maxLength: 100 }), fc.string({ unit: "grapheme", maxLength: 200 })),
    gift: fc.boolean(),
    quantity: fc.oneof(fc.integer(), fc.integer({ min: -AVSC_MAX, max: AVSC_MAX })),
  },
  { requiredKeys: [] },
);

describe("payloadEncoder", () => {
  it("writes byte for byte what another implementation of Avro writes", () => {
    const nothing = { amount: null, channel: null, gift: null, quantity: null };

    fc.assert(
      fc.property(features, (some) => encode(some).equals(type.toBuffer({ ...nothing, ...some }))),
      { numRuns: 2_000 },
    );

    expect(encode({})).toEqual(Buffer.from([0, 0, 0, 0]));
    expect(encode({ quantity: -2, gift: true, channel: "é" })).toEqual(
      Buffer.from([0, 2, 4, 0xc3, 0xa9, 2, 1, 2, 3]),
    );
  });

  it.each([
    [Number.MAX_SAFE_INTEGER, "feffffffffffff1f"],
    [-Number.MAX_SAFE_INTEGER, "fdffffffffffff1f"],
    [2 ** 52, "8080808080808010"],
    [-(2 ** 52) - 1, "8180808080808010"],
  ])("writes %i exactly, whose zigzag no double holds", (quantity, hex) => {
    expect(encode({ quantity }).toString("hex")).toBe(`00000002${hex}`);
  });

  it.each([
    { quantity: 0.5 },
    { quantity: 2 ** 53 },
    { quantity: "1" },
    { amount: "1" },
    { gift: 1 },
    { channel: 1 },
  ])("refuses %j, naming the feature and nothing of the value", (misfit) => {
    const [name] = Object.keys(misfit);

    expect(() => encode(misfit as unknown as Record<string, FeatureValue>)).toThrow(
      `record of group "payloads": feature "${name}": is not of its declared type`,
    );
  });
});
