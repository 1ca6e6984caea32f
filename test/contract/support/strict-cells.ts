// What a cell of each type says, written apart from the engines: patterns and BigInt only.

import { parseInstant, type ValueType } from "@steward/core";

/** The value as DuckDB prints it in JSON, or the reason for which the cell is refused. */
export type CellVerdict = { readonly value: string | number | boolean } | { readonly rule: "type" | "range" };

const MAX_TEXT_BYTES = 358_400;

export function strictCell(type: ValueType, text: string): CellVerdict {
  switch (type.kind) {
    case "text":
      return Buffer.byteLength(text) > MAX_TEXT_BYTES ? { rule: "range" } : { value: text };
    case "boolean":
      return text === "true" || text === "false" ? { value: text === "true" } : { rule: "type" };
    case "integer":
      return strictInteger(text);
    case "decimal":
      return strictDecimal(text, type.precision, type.scale);
    case "float":
      return strictFloat(text);
    case "date":
      return text.length === 10 && parseInstant(text) !== undefined ? { value: text } : { rule: "type" };
    case "instant": {
      const instant = parseInstant(text);
      return instant === undefined ? { rule: "type" } : { value: instant };
    }
  }
}

function strictInteger(text: string): CellVerdict {
  if (!/^-?[0-9]+$/.test(text)) return { rule: "type" };
  const value = BigInt(text);
  const limit = 2n ** 53n - 1n;
  return value > limit || value < -limit ? { rule: "range" } : { value: String(value) };
}

function strictDecimal(text: string, precision: number, scale: number): CellVerdict {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text);
  const fraction = match?.[3] ?? "";
  if (match === null || fraction.length > scale) return { rule: "type" };
  const units = BigInt(`${match[2]}${fraction.padEnd(scale, "0")}`);
  if (units >= 10n ** BigInt(precision)) return { rule: "range" };
  const digits = String(units).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const sign = match[1] === "-" && units !== 0n ? "-" : "";
  return { value: `${sign}${whole}${scale === 0 ? "" : `.${digits.slice(-scale)}`}` };
}

function strictFloat(text: string): CellVerdict {
  if (!/^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text)) return { rule: "type" };
  // But one zero.
  const value = Number(text) + 0;
  return Number.isFinite(value) ? { value } : { rule: "range" };
}
