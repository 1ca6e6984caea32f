// That the rules of rules.test.ts can fail: mistakes as data, each planted into the evaluated graph, and caught by the rule that is
// there for it.

import { describe, expect, inject, it } from "vitest";
import { MISTAKES } from "./mistakes/index.ts";
import { RULES } from "./rules/index.ts";

/** Whoever plants into the graph itself, and not beside it, is thrown out. */
const graphs = frozen(inject("graphs"));

describe("a mistake is caught", () => {
  it.each(MISTAKES)("$title: $rule", ({ stage, rule: title, plant }) => {
    const rule = RULES.find((each) => each.title === title);
    const before = rule?.check(graphs[stage]) ?? [];

    const faults = rule?.check(plant(graphs[stage])) ?? [];

    expect(faults.filter((fault) => !before.includes(fault))).not.toEqual([]);
  });

  it("of every rule, so that none is there that cannot fail", () => {
    const caught = new Set(MISTAKES.map(({ rule }) => rule));

    expect(RULES.map(({ title }) => title).filter((title) => !caught.has(title))).toEqual([]);
    expect(new Set(MISTAKES.map(({ title, stage }) => `${stage}: ${title}`)).size).toBe(MISTAKES.length);
  });
});

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
