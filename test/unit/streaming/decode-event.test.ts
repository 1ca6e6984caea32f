import {
  boolean,
  date,
  decimal,
  decodeEvent,
  entity,
  featureGroup,
  float,
  instant,
  integer,
  latest,
  optional,
  source,
  text,
  toEpochMs,
} from "@steward/core";
import { describe, expect, it } from "vitest";

const readings = source("readings", {
  columns: {
    meter_id: text(),
    read_at: instant(),
    count: optional(integer()),
    amount: optional(decimal(10, 2)),
    weight: optional(float()),
    active: optional(boolean()),
    read_on: optional(date()),
    note: optional(text()),
    calibrated_at: optional(instant()),
  },
  eventTime: "read_at",
});
const group = featureGroup("meter-readings", {
  entity: entity("meter", { key: "meter_id" }),
  source: readings,
  path: "stream",
  owner: "ops",
  features: {
    last_count: latest("count"),
    last_amount: latest("amount"),
    last_weight: latest("weight"),
    was_active: latest("active"),
    last_day: latest("read_on"),
    last_note: latest("note"),
    calibrated_at: latest("calibrated_at"),
  },
});

const ARRIVED = toEpochMs(Date.UTC(2026, 0, 31, 9));
const GOOD = { meter_id: "00042", read_at: "2026-01-31T08:00:00.5+02:00" };

function decode(event: unknown, arrivedAtMs = ARRIVED) {
  const data = event instanceof Uint8Array ? event : new TextEncoder().encode(JSON.stringify(event));
  return decodeEvent(group, { shard: "s", position: "1", partitionKey: "k", data, arrivedAtMs });
}

describe("decodeEvent", () => {
  it("gives the record of an event, dated by it, each value as it stands and absent ones absent", () => {
    const event = {
      ...GOOD,
      count: 7,
      amount: 12.5,
      weight: -1.5e-3,
      active: false,
      read_on: "2026-01-30",
      note: null,
    };

    expect(decode({ ...event, calibrated_at: "2026-01-01" })).toEqual({
      kind: "record",
      record: {
        recordId: "00042",
        eventTimeMs: Date.UTC(2026, 0, 31, 6, 0, 0, 500),
        features: {
          last_count: 7,
          last_amount: 12.5,
          last_weight: -0.0015,
          was_active: false,
          last_day: "2026-01-30",
          calibrated_at: "2026-01-01T00:00:00.000Z",
        },
      },
    });
  });

  it.each([
    ["an empty text", { note: "" }],
    ["null", { note: null }],
    ["no member", {}],
  ])("takes %s for no value", (_, members) => {
    expect(decode({ ...GOOD, ...members })).toMatchObject({ kind: "record", record: { features: {} } });
  });

  it("takes an event that is dated the very moment of its arrival, and none after it", () => {
    const atMs = Date.UTC(2026, 0, 31, 6, 0, 0, 500);

    expect(decode(GOOD, toEpochMs(atMs)).kind).toBe("record");
    expect(decode(GOOD, toEpochMs(atMs - 1))).toEqual({
      kind: "fault",
      fault: { column: "read_at", rule: "after-arrival" },
    });
  });

  it.each<[what: string, event: unknown, column: string | undefined, rule: string]>([
    ["bytes that are not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), undefined, "encoding"],
    ["what is no JSON", new TextEncoder().encode("{"), undefined, "encoding"],
    ["a list", [GOOD], undefined, "encoding"],
    ["a text with half a surrogate", { ...GOOD, note: "\ud800" }, "note", "encoding"],
    ["a column that the source lacks", { ...GOOD, colour: "red" }, undefined, "columns"],
    ["a name that every object has", { ...GOOD, constructor: "x" }, undefined, "columns"],
    ["no identifier", { read_at: GOOD.read_at }, "meter_id", "required"],
    ["an empty identifier", { ...GOOD, meter_id: "" }, "meter_id", "required"],
    ["an identifier that is a number: 00042 must stay 00042", { ...GOOD, meter_id: 42 }, "meter_id", "type"],
    ["an identifier that is too long", { ...GOOD, meter_id: "é".repeat(1_025) }, "meter_id", "range"],
    ["no date", { meter_id: "m" }, "read_at", "required"],
    ["a date that the calendar lacks", { ...GOOD, read_at: "2026-02-30" }, "read_at", "type"],
    ["a local time", { ...GOOD, read_at: "2026-01-31T08:00:00" }, "read_at", "type"],
    ["a whole number as text", { ...GOOD, count: "7" }, "count", "type"],
    ["a fraction for a whole number", { ...GOOD, count: 7.5 }, "count", "type"],
    ["a whole number beyond 2^53", { ...GOOD, count: 2 ** 53 }, "count", "type"],
    ["more digits than the column has", { ...GOOD, amount: 1.005 }, "amount", "type"],
    ["a boolean as text", { ...GOOD, active: "true" }, "active", "type"],
    ["an instant for a day", { ...GOOD, read_on: "2026-01-31T00:00:00Z" }, "read_on", "type"],
    ["a list for a text", { ...GOOD, note: ["a"] }, "note", "type"],
    ["a text larger than the stores take", { ...GOOD, note: "x".repeat(358_401) }, "note", "range"],
  ])("sets aside %s, by its rule and without its value", (_, event, column, rule) => {
    expect(decode(event)).toEqual({ kind: "fault", fault: { column, rule } });
  });
});
