// Which words of a failure are kept: Steward's own sentences, and of all others the name.

import * as core from "@steward/core";
import {
  plainFailureOf,
  STEWARD_ERROR_NAMES,
  StewardError,
  toErrorName,
  toPlainFailure,
} from "@steward/core";
import { describe, expect, it } from "vitest";

const CANARY = "qzjxkvwpmbfhgtyd";
const KEPT_BACK = "whose own words are not kept because they may quote data";

/** Every class of errors that core exports. */
const families = Object.values<unknown>(core).filter(isFamily);

describe("STEWARD_ERROR_NAMES", () => {
  it("names every family of errors, and nothing else", () => {
    expect(families.length).toBeGreaterThan(5);
    expect(new Set(families.map((Family) => new Family("").name))).toEqual(STEWARD_ERROR_NAMES);
  });
});

describe("toPlainFailure", () => {
  it("keeps the sentence of Steward's own errors", () => {
    for (const Family of families)
      expect(toPlainFailure(new Family("the shelf is closed")).message).toBe("the shelf is closed");
  });

  it("keeps of a foreign error its name alone", () => {
    expect(toPlainFailure(new TypeError(`customer ${CANARY} is odd`))).toEqual({
      name: "TypeError",
      message: `the step ended with TypeError, ${KEPT_BACK}`,
    });
  });

  it("does not take a foreign error for Steward's own by its name", () => {
    const posing = Object.assign(new Error(CANARY), { name: "UnavailableError" });

    expect(toPlainFailure(posing).message).not.toContain(CANARY);
  });

  it("says of a value that is no error that something was thrown, and not what", () => {
    expect(toPlainFailure(CANARY)).toEqual({
      name: "Error",
      message: `the step ended with Error, ${KEPT_BACK}`,
    });
  });
});

describe("plainFailureOf", () => {
  it("keeps the words that came with a name of Steward's own", () => {
    const failure = { name: "DataRejectedError", message: "3 of 4 rows were set aside" };

    expect(plainFailureOf(failure.name, failure.message)).toEqual(failure);
  });

  it.each(["States.TaskFailed", "States.Timeout", "Glue.AWSGlueException", "Error"])(
    "keeps of %s the name alone",
    (name) => {
      expect(plainFailureOf(name, `row ${CANARY}`)).toEqual({
        name,
        message: `the step ended with ${name}, ${KEPT_BACK}`,
      });
    },
  );
});

describe("toErrorName", () => {
  it.each([
    ["a sentence", `no customer ${CANARY}`],
    ["more than 64 characters", "E".repeat(65)],
    ["a digit first", "00042"],
    ["a line end", "Error\n"],
    ["nothing", ""],
    ["no text", 42],
  ])("takes %s for no name", (_, name) => {
    expect(toErrorName(name)).toBe("Error");
  });

  it("takes letters, digits and points", () => {
    expect(toErrorName("States.Http2Error")).toBe("States.Http2Error");
  });
});

function isFamily(value: unknown): value is new (message: string) => StewardError {
  return typeof value === "function" && value.prototype instanceof StewardError;
}
