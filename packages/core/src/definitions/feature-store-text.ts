// Decides how a feature's value is written as Feature Store's text (`ValueAsString`), and read back.

import type { FeatureValue, ValueType } from "./value.ts";

/** Shortest text that reads back as the same value; booleans are 1 and 0. */
export function toFeatureStoreText(value: FeatureValue): string {
  return typeof value === "boolean" ? (value ? "1" : "0") : String(value);
}

/** The value that the text stands for. @throws RangeError when it is none of the type; the message holds no value. */
export function fromFeatureStoreText(text: string, type: ValueType): FeatureValue {
  switch (type.kind) {
    case "text":
    case "instant":
    case "date":
      return text;
    case "boolean":
      if (text !== "0" && text !== "1") throw new RangeError("a stored boolean must be 0 or 1");
      return text === "1";
    case "integer":
    case "decimal":
    case "float": {
      const value = Number(text);
      if (text.trim() === "" || !Number.isFinite(value))
        throw new RangeError(`a stored ${type.kind} must be a finite number`);
      return value;
    }
  }
}
