// The rules of BatchEngine.append about cells: a value is taken exactly as its text says it, or its row is set aside.

import type { ValueType } from "@steward/core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  appendRows,
  at,
  type BatchEngineHarness,
  type OpenBatchEngine,
  readings,
  setAsideOf,
  stagedRows,
} from "../support/batch-engine-harness.ts";
import { strictCell } from "../support/strict-cells.ts";

const GOOD: Readonly<Record<string, string>> = { id: "m1", at: "2025-01-01", count: "1", amount: "2.50" };
const NAMES = Object.keys(readings.columns);

/** A row of `readings` that differs from a good one by these cells. */
function row(cells: Readonly<Record<string, string>> = {}): string {
  return `${NAMES.map((name) => quoted(cells[name] ?? GOOD[name] ?? "")).join(",")}\n`;
}

function quoted(cell: string): string {
  return /[",\r\n ]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const long = (bytes: number) => "x".repeat(bytes);

export function describeCells(open: OpenBatchEngine): void {
  describe("append, cells", () => {
    let harness: BatchEngineHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    it("stores each type as its own Parquet type, absent values as NULL", async () => {
      const file = await appendRows(
        harness,
        row({
          id: "00042",
          at: "2025-01-31T08:00:00.5+02:00",
          read_on: "2025-01-30",
          weight: "-1.5e2",
          active: "false",
          note: "a,b",
        }) + row(),
      );

      expect(await stagedRows(harness, file.eventKey)).toEqual([
        {
          id: "00042",
          at: "2025-01-31 06:00:00.5",
          count: "1",
          amount: "2.50",
          read_on: "2025-01-30",
          weight: -150,
          active: false,
          note: "a,b",
          _file: file.name,
          _row: 1,
        },
        {
          id: "m1",
          at: "2025-01-01 00:00:00",
          count: "1",
          amount: "2.50",
          read_on: null,
          weight: null,
          active: null,
          note: null,
          _file: file.name,
          _row: 2,
        },
      ]);
      expect(file).toMatchObject({ rowCount: 2, eventCount: 2, setAsideCount: 0, setAsideKey: undefined });
      expect([file.minEventTimeMs, file.maxEventTimeMs]).toEqual([
        at("2025-01-01"),
        at("2025-01-31T06:00:00.500Z"),
      ]);
    });

    it.each([
      ["an id that is missing", { id: "" }, "id", "required"],
      ["a required cell that is empty", { count: "" }, "count", "required"],
      ["an event without a date", { at: "" }, "at", "required"],
      ["a date that the calendar lacks", { at: "2025-02-30" }, "at", "type"],
      ["a date without its zeros", { at: "1997-1-1" }, "at", "type"],
      ["an instant without an offset", { at: "2025-01-01T00:00:00" }, "at", "type"],
      ["an instant finer than a millisecond", { at: "2025-01-01T00:00:00.0001Z" }, "at", "type"],
      ["an instant at 24:00", { at: "2025-01-01T24:00:00Z" }, "at", "type"],
      ["an offset further than 14 hours", { at: "2025-01-01T00:00:00+14:01" }, "at", "type"],
      ["an event dated after its arrival", { at: "2026-01-01T00:00:00.001Z" }, "at", "after-arrival"],
      ["text for a number", { count: "one" }, "count", "type"],
      ["a hexadecimal number", { count: "0x1f" }, "count", "type"],
      ["a number with a sign before it", { count: "+1" }, "count", "type"],
      ["a fraction for a whole number", { count: "1.0" }, "count", "type"],
      ["a number in scientific writing for a whole one", { count: "1e3" }, "count", "type"],
      ["a number with spaces around it", { count: " 1 " }, "count", "type"],
      ["a whole number beyond 2^53 - 1", { count: "9007199254740992" }, "count", "range"],
      ["a whole number of forty digits", { count: "1".repeat(40) }, "count", "range"],
      ["3.999 in cents", { amount: "3.999" }, "amount", "type"],
      ["a decimal with more digits than it has, zeros though they be", { amount: "3.900" }, "amount", "type"],
      ["a decimal without a digit before the point", { amount: ".5" }, "amount", "type"],
      ["a decimal too large for its type", { amount: "10000.00" }, "amount", "range"],
      ["NaN", { weight: "NaN" }, "weight", "type"],
      ["infinity", { weight: "inf" }, "weight", "type"],
      ["a float beyond a double", { weight: "1e999" }, "weight", "range"],
      ["yes for true", { active: "yes" }, "active", "type"],
      ["TRUE for true", { active: "TRUE" }, "active", "type"],
      ["a date with a time where a date is due", { read_on: "2025-01-01T00:00:00Z" }, "read_on", "type"],
      ["a day of infinity", { read_on: "infinity" }, "read_on", "type"],
      ["a value of 400 KB", { note: long(400_000) }, "note", "range"],
      ["an id of 3 KB", { id: long(3_000) }, "id", "range"],
    ])("sets aside %s, by column and rule", async (_, cells, column, rule) => {
      const file = await appendRows(harness, row() + row(cells) + row());

      expect(await setAsideOf(harness, file)).toEqual([[2, column, rule]]);
      expect((await stagedRows(harness, file.eventKey)).map((event) => event._row)).toEqual([1, 3]);
    });

    it("takes an event dated at its arrival, an id of 2,048 bytes and a value of 350 KB", async () => {
      const file = await appendRows(harness, row({ at: "2026-01-01", id: long(2_048), note: long(358_400) }));

      expect(file.eventCount).toBe(1);
    });

    it("measures ids in bytes, not in characters", async () => {
      const file = await appendRows(harness, row({ id: "é".repeat(1_025) }));

      expect(await setAsideOf(harness, file)).toEqual([[1, "id", "range"]]);
    });

    it("names the first broken column in the order of the columns", async () => {
      const file = await appendRows(harness, row({ amount: "x", count: "y", note: long(400_000) }));

      expect(await setAsideOf(harness, file)).toEqual([[1, "count", "type"]]);
    });

    it("keeps the cells of a set-aside row as they stood", async () => {
      const file = await appendRows(harness, row({ id: "00042", amount: "3.999", note: 'a "b"\nc' }));

      const [setAside] = await stagedRows(harness, file.setAsideKey);

      expect(setAside?.cells).toEqual(["00042", "2025-01-01", "1", "3.999", "", "", "", 'a "b"\nc']);
    });

    it("takes exactly the cells that a reader written apart takes, with the same values", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(aCell, { minLength: 30, maxLength: 60 }), async (cells) => {
          const rows = cells.map(({ name, text }) => row({ [name]: text }));
          const file = await appendRows(harness, rows.join(""), {
            arrivedAtMs: at("9999-12-31T23:59:59.999Z"),
          });

          const events = new Map(
            (await stagedRows(harness, file.eventKey)).map((event) => [event._row, event]),
          );
          const found = cells.map(({ name }, index) => said(name, events.get(index + 1)?.[name]));

          expect(found).toEqual(cells.map(({ name, text }) => expected(name, text)));
        }),
        { numRuns: 40 },
      );
    });
  });
}

/** Text near the border of each type, or far from it. */
const digits = fc.stringMatching(/^[0-9]{1,20}$/);
const near = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("", "-", "+", " "),
      digits,
      fc.constantFrom("", ".", ".0", ".50", ".999", "e3", "E-2", "_0", " "),
    )
    .map((parts) => parts.join("")),
  fc.stringMatching(/^[0-9]{4}-[01][0-9]-[0-3][0-9]$/),
  fc.stringMatching(
    /^[0-9]{4}-0[1-9]-[012][0-9]T[012][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]{1,4})?(Z|[+-][01][0-9]:[0-5][0-9]|)$/,
  ),
  fc.constantFrom(
    "true",
    "false",
    "t",
    "1",
    "0",
    "-0",
    "-0.00",
    "NaN",
    "nan",
    "Infinity",
    "0x1f",
    "1e400",
    "1e-400",
    "null",
    "\\N",
    "epoch",
    "infinity",
    "2024-02-29",
    "2023-02-29",
    "0000-12-31T23:30:00-01:00",
    "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59Z",
    "9007199254740991",
    "-9007199254740992",
    "9999.99",
    "10000",
    "00000000000000000000000000000000000000001.5",
  ),
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
);
const aCell = fc.record({ name: fc.constantFrom(...NAMES.filter((name) => name !== "id")), text: near });

function expected(name: string, text: string): unknown {
  const type: ValueType | undefined = readings.columns[name as keyof typeof readings.columns]?.type;
  const verdict = type === undefined ? undefined : strictCell(type, text);
  return verdict === undefined || "rule" in verdict ? undefined : verdict.value;
}

/** An event's value as `strictCell` says it. */
function said(name: string, value: unknown): unknown {
  return name === "at" && typeof value === "string" ? at(`${value.replace(" ", "T")}Z`) : value;
}
