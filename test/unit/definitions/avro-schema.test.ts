// What the Avro schema of a hot value depends on, and its fingerprint.

import {
  avroFieldName,
  count,
  crc64Avro,
  hotValueSchema,
  latest,
  mean,
  schemaFingerprint,
  toCanonicalForm,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { aFeatureGroup } from "../../support/builders.ts";

describe("crc64Avro", () => {
  it("gives the fingerprint that the Avro specification publishes for int", () => {
    expect(crc64Avro('"int"').toString(16)).toBe("7275d51a3f395c8f");
  });

  it("gives the empty fingerprint for no bytes at all", () => {
    expect(crc64Avro("").toString(16)).toBe("c15d213aa4d7a795");
  });
});

describe("hotValueSchema", () => {
  it("has one nullable field a feature, ascending by name, without the record identifier", () => {
    const schema = hotValueSchema(aFeatureGroup());

    expect(schema).toEqual({
      type: "record",
      name: "HotValue",
      fields: [
        { name: "avg_order_value_30d", type: ["null", "double"] },
        { name: "last_channel", type: ["null", "string"] },
        { name: "last_ordered_at", type: ["null", "string"] },
        { name: "orders_30d", type: ["null", "long"] },
      ],
    });
  });

  it("gives a feature that begins with a digit a name that Avro allows", () => {
    const schema = hotValueSchema(aFeatureGroup({ features: { "7d_orders": count() } }));

    expect(schema.fields).toEqual([{ name: "_7d_orders", type: ["null", "long"] }]);
    expect(avroFieldName("orders_7d")).toBe("orders_7d");
  });
});

describe("toCanonicalForm", () => {
  it("writes name, type and fields without a space", () => {
    const schema = hotValueSchema(aFeatureGroup({ features: { n: count(), a: latest("channel") } }));

    expect(toCanonicalForm(schema)).toBe(
      '{"name":"HotValue","type":"record","fields":[{"name":"a","type":["null","string"]},{"name":"n","type":["null","long"]}]}',
    );
  });
});

describe("schemaFingerprint", () => {
  it("is the same for another window, another default and another order of declaration", () => {
    const left = aFeatureGroup({ features: { a: count().over("1 day"), b: mean("amount") } });
    const right = aFeatureGroup({ features: { b: mean("amount").default(0), a: count().over("2 days") } });

    expect(schemaFingerprint(left)).toBe(schemaFingerprint(right));
  });

  it("differs when a feature changes its type, its name or is added", () => {
    const groups = [
      aFeatureGroup({ features: { a: count() } }),
      aFeatureGroup({ features: { a: mean("amount") } }),
      aFeatureGroup({ features: { b: count() } }),
      aFeatureGroup({ features: { a: count(), b: count() } }),
    ];

    expect(new Set(groups.map(schemaFingerprint)).size).toBe(4);
  });
});
