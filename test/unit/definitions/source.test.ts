// Which declarations are sources, and what is said of those that are not.

import {
  type Columns,
  DefinitionError,
  date,
  decimal,
  instant,
  integer,
  optional,
  type Source,
  type SourceOptions,
  source,
  text,
} from "@steward/core";
import { describe, expect, it } from "vitest";

const columns = { id: text(), at: instant(), amount: decimal(10, 2), channel: optional(text()) };

/** A source as a caller without types might declare it. */
function declare(options: unknown, name = "orders"): Source {
  return source(name, options as SourceOptions<Columns>);
}

describe("source", () => {
  it("keeps its columns in the order in which a file has them", () => {
    const orders = declare({ columns, eventTime: "at", eventId: "id", partition: "channel" });

    expect(Object.keys(orders.columns)).toEqual(["id", "at", "amount", "channel"]);
    expect(orders).toMatchObject({ name: "orders", eventTime: "at", eventId: "id", partition: "channel" });
  });

  it("has neither event id nor partition unless they are named", () => {
    const orders = declare({ columns, eventTime: "at" });

    expect(orders.eventId).toBeUndefined();
    expect(orders.partition).toBeUndefined();
  });

  it("is frozen, columns and types included", () => {
    const orders = declare({ columns, eventTime: "at" });

    expect(
      [orders, orders.columns, orders.columns.amount, orders.columns.amount?.type].every(Object.isFrozen),
    ).toBe(true);
  });

  it("does not change with the object that it was declared from", () => {
    const given: Record<string, unknown> = { ...columns };
    const orders = declare({ columns: given, eventTime: "at" });

    given.late = text();

    expect(Object.keys(orders.columns)).not.toContain("late");
  });

  it("may be dated by a date", () => {
    expect(declare({ columns: { id: text(), on: date() }, eventTime: "on" }).eventTime).toBe("on");
  });

  it.each([
    ["eventTime that is no column", { columns, eventTime: "when" }, 'eventTime names "when"'],
    [
      "eventTime of another kind",
      { columns, eventTime: "amount" },
      'eventTime "amount" must be an instant or a date',
    ],
    [
      "optional eventTime",
      { columns: { id: text(), at: optional(instant()) }, eventTime: "at" },
      'eventTime "at" must not be optional',
    ],
    ["missing eventTime", { columns }, "eventTime: Invalid input: expected string"],
    ["eventTime named like a method", { columns, eventTime: "constructor" }, 'eventTime names "constructor"'],
    ["eventId that is no column", { columns, eventTime: "at", eventId: "no" }, 'eventId names "no"'],
    [
      "eventId named like a method",
      { columns, eventTime: "at", eventId: "toString" },
      'eventId names "toString"',
    ],
    ["partition that is no column", { columns, eventTime: "at", partition: "no" }, 'partition names "no"'],
    ["columns that are none", { columns: { id: "text" }, eventTime: "id" }, "columns.id: must be a column"],
    ["no columns at all", { columns: {}, eventTime: "at" }, 'eventTime names "at"'],
    ["an unknown option", { columns, eventTime: "at", colour: "red" }, 'options: Unrecognized key: "colour"'],
    ["no options", undefined, "options: Invalid input: expected object"],
  ])("refuses %s, naming field and rule", (_, options, message) => {
    expect(() => declare(options)).toThrow(DefinitionError);
    expect(() => declare(options)).toThrow(`source "orders": ${message}`);
  });

  it.each(["_id", "id_", "a b", "a-b", "é", "a.b", '"', "", "x".repeat(65)])(
    "refuses the column name %j",
    (name) => {
      expect(() => declare({ columns: { [name]: text(), at: instant() }, eventTime: "at" })).toThrow(
        `column "${name}": a name is 1 to 64 letters, digits and inner underscores`,
      );
    },
  );

  it.each(["a", "7", "a_b", "a__b", "7d_orders", "x".repeat(64)])("takes the column name %s", (name) => {
    expect(declare({ columns: { [name]: text(), at: instant() }, eventTime: "at" }).columns).toHaveProperty([
      name,
    ]);
  });

  it.each([
    "event_time",
    "write_time",
    "api_invocation_time",
    "is_deleted",
    "year",
    "month",
    "day",
    "hour",
    "temp_event_time_col",
    "Write_Time",
    "YEAR",
  ])("refuses the reserved column name %s", (name) => {
    expect(() => declare({ columns: { [name]: text(), at: instant() }, eventTime: "at" })).toThrow(
      `column "${name}": the name is reserved`,
    );
  });

  it("refuses two columns whose names differ by case alone, for engines do not tell them apart", () => {
    expect(() => declare({ columns: { Id: text(), at: instant(), iD: integer() }, eventTime: "at" })).toThrow(
      'column "iD": the name stands twice (case does not count)',
    );
  });

  it.each([
    ["no digit", 0, 0, "a decimal has 1 to 18 digits, not 0"],
    ["19 digits", 19, 2, "a decimal has 1 to 18 digits, not 19"],
    ["half a digit", 1.5, 0, "a decimal has 1 to 18 digits, not 1.5"],
    ["a negative scale", 5, -1, "a decimal's scale is 0 to its precision, not -1"],
    ["a scale above the precision", 5, 6, "a decimal's scale is 0 to its precision, not 6"],
    ["half a scale", 5, 0.5, "a decimal's scale is 0 to its precision, not 0.5"],
  ])("refuses a decimal of %s", (_, precision, scale, message) => {
    expect(() =>
      declare({ columns: { at: instant(), n: decimal(precision, scale) }, eventTime: "at" }),
    ).toThrow(`column "n": ${message}`);
  });

  it.each([
    [1, 0],
    [1, 1],
    [18, 0],
    [18, 18],
  ])("takes decimal(%d, %d)", (precision, scale) => {
    const { n } = declare({
      columns: { at: instant(), n: decimal(precision, scale) },
      eventTime: "at",
    }).columns;

    expect(n?.type).toEqual({ kind: "decimal", precision, scale });
  });

  it.each(["Orders", "a_b", "", "-a"])("refuses the name %j", (name) => {
    expect(() => declare({ columns, eventTime: "at" }, name)).toThrow(
      `source "${name}": name must be 1 to 64`,
    );
  });
});

describe("optional", () => {
  it("changes nothing but whether a cell may be empty, and not the column that it was given", () => {
    const required = text();
    const lax = optional(required);

    expect(lax).toEqual({ type: { kind: "text" }, optional: true });
    expect(required.optional).toBe(false);
    expect(Object.isFrozen(lax)).toBe(true);
  });
});
