// A second opinion on what a refresh computes: slow, in plain TypeScript, written from the definition of a feature alone.

import type { Aggregation, Filter, Measure, Operand } from "@steward/core";

/** A value as an event holds it: decimals as whole hundredths, so that sums are exact; instants as their milliseconds. */
export type Cell =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "hundredths"; readonly value: bigint }
  | { readonly kind: "instant"; readonly value: number }
  | { readonly kind: "word"; readonly value: string }
  | { readonly kind: "truth"; readonly value: boolean };

export interface ReferenceEvent {
  readonly recordId: string;
  readonly atMs: number;
  /** Undefined: the source has no event ids, or this event has none. */
  readonly eventId: string | undefined;
  readonly file: string;
  readonly row: number;
  readonly cells: Readonly<Record<string, Cell | undefined>>;
}

type Value = number | string | boolean | null;

const DAY_MS = 86_400_000;

/** The feature's value over all events of one record; null where there is none. */
export function referenceValue(
  aggregation: Aggregation,
  events: readonly ReferenceEvent[],
  asOfMs: number,
): Value {
  const { measure, windowMs, filters } = aggregation;
  const counted = events
    .filter(({ atMs }) => atMs < asOfMs && (windowMs === undefined || asOfMs - windowMs <= atMs))
    .filter(({ cells }) => filters.every((filter) => passes(filter, cells[filter.column])))
    .sort(byIdentity);
  return measured(measure, counted);
}

function measured(measure: Measure, events: readonly ReferenceEvent[]): Value {
  switch (measure.kind) {
    case "count":
    case "sum":
      return operand(measure, events);
    case "mean": {
      const cells = present(events, measure.column);
      return quotient(total(cells), cells.length);
    }
    case "ratio":
      return quotient(operand(measure.numerator, events), operand(measure.denominator, events));
    case "distinctCount": {
      const cells = present(events, measure.column);
      return new Set(cells.map((cell) => (measure.unit === "day" ? dayOf(cell) : plain(cell)))).size;
    }
    case "min":
    case "max": {
      const [first, ...others] = present(events, measure.column);
      if (first === undefined) return null;
      const sign = measure.kind === "min" ? 1 : -1;
      return plain(others.reduce((best, cell) => (sign * compare(cell, best) < 0 ? cell : best), first));
    }
    case "latest": {
      const youngest = [...events]
        .sort((left, right) => left.atMs - right.atMs || byIdentity(left, right))
        .filter(({ cells }) => cells[measure.column] !== undefined)
        .at(-1)?.cells[measure.column];
      return youngest === undefined ? null : plain(youngest);
    }
  }
}

function operand(given: Operand, events: readonly ReferenceEvent[]): number | null {
  return given.kind === "count" ? events.length : total(present(events, given.column));
}

function total(cells: readonly Cell[]): number | null {
  if (cells.length === 0) return null;
  if (cells.every((cell) => cell.kind === "hundredths")) {
    return hundredths(cells.reduce((sum, { value }) => sum + value, 0n));
  }
  return cells.reduce((sum, cell) => sum + Number(cell.value), 0);
}

function quotient(numerator: number | null, denominator: number | null): number | null {
  return numerator === null || denominator === null || denominator === 0 ? null : numerator / denominator;
}

function present(events: readonly ReferenceEvent[], column: string): readonly Cell[] {
  return events.flatMap(({ cells }) => cells[column] ?? []);
}

function passes({ operator, value }: Filter, cell: Cell | undefined): boolean {
  if (cell === undefined) return false;
  const bound = cell.kind === "hundredths" ? Math.round(Number(value) * 100) : value;
  const own = cell.kind === "hundredths" ? Number(cell.value) : plain(cell);
  const order = own === bound ? 0 : own < bound ? -1 : 1;
  return {
    equals: order === 0,
    notEquals: order !== 0,
    less: order < 0,
    lessOrEqual: order <= 0,
    greater: order > 0,
    greaterOrEqual: order >= 0,
  }[operator];
}

/** By event id, the absent one last, then by file and row. */
function byIdentity(left: ReferenceEvent, right: ReferenceEvent): number {
  const byId =
    left.eventId === right.eventId
      ? 0
      : left.eventId === undefined || (right.eventId !== undefined && left.eventId > right.eventId)
        ? 1
        : -1;
  return byId || (left.file === right.file ? left.row - right.row : left.file < right.file ? -1 : 1);
}

function compare(left: Cell, right: Cell): number {
  return left.value === right.value ? 0 : left.value < right.value ? -1 : 1;
}

function dayOf(cell: Cell): string | number {
  return cell.kind === "instant" ? Math.floor(cell.value / DAY_MS) : String(cell.value);
}

/** As a feature shows it: ISO text for instants, 0 and 1 for truth. */
function plain(cell: Cell): number | string {
  switch (cell.kind) {
    case "number":
    case "word":
      return cell.value;
    case "truth":
      return cell.value ? 1 : 0;
    case "hundredths":
      return hundredths(cell.value);
    case "instant":
      return new Date(cell.value).toISOString();
  }
}

/** The double nearest to so many hundredths, read from their text. */
function hundredths(value: bigint): number {
  const digits = String(value < 0n ? -value : value).padStart(3, "0");
  return Number(`${value < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`) + 0;
}
