// Rules over all resources of their kind, on both kinds of stage. That each of them catches what breaks it: mistakes.test.ts.

import { describe, expect, inject, it } from "vitest";
import { type Graph, toList } from "./graph.ts";
import { ANY_RESOURCE } from "./rules/any-resource.ts";
import { FOREIGN_LOGS } from "./rules/data.ts";
import { allowsOf } from "./rules/identity.ts";
import { RULES } from "./rules/index.ts";
import { THROUGH_ANY_SERVICE, WITHOUT_SOURCE } from "./rules/keys.ts";
import { KIND } from "./rules/kinds.ts";
import { READ_BY_PEOPLE } from "./rules/messages.ts";
import { SPARE_ENDPOINTS } from "./rules/reach.ts";
import { those } from "./rules/rule.ts";
import { HOLDS_NOTHING } from "./rules/stage.ts";
import { SHARED_ROLES } from "./rules/trust.ts";

const graphs = Object.values(inject("graphs"));

describe.each(graphs)("in $stage", (graph) => {
  it.each(RULES)("$title", (rule) => {
    expect(rule.check(graph)).toEqual([]);
  });

  it.each(RULES)("something is there that it holds for: $title", (rule) => {
    expect(rule.subjects(graph).length).toBeGreaterThan(0);
  });

  it("every exception is of something that is there, and has its reason", () => {
    const exceptions = [
      SHARED_ROLES,
      THROUGH_ANY_SERVICE,
      READ_BY_PEOPLE,
      HOLDS_NOTHING,
      SPARE_ENDPOINTS,
      FOREIGN_LOGS,
    ];
    const names = graph.resources.map(({ name }) => name);

    for (const reasons of [...exceptions, WITHOUT_SOURCE, ANY_RESOURCE])
      for (const reason of Object.values(reasons)) expect(reason.length).toBeGreaterThan(20);
    expect(exceptions.flatMap(Object.keys).filter((name) => !names.includes(name))).toEqual([]);
    expect(Object.keys(WITHOUT_SOURCE).filter((service) => !keyPolicies(graph).includes(service))).toEqual(
      [],
    );
    expect(Object.keys(ANY_RESOURCE).sort()).toEqual(allowedOnAnything(graph));
  });
});

it("no two rules have one title", () => {
  expect(new Set(RULES.map(({ title }) => title)).size).toBe(RULES.length);
});

const keyPolicies = (graph: Graph): string =>
  those(KIND.key)(graph)
    .map(({ inputs }) => inputs.policy)
    .join();

/** Actions that some policy of the stage allows on `*`, ascending. */
function allowedOnAnything(graph: Graph): readonly string[] {
  const statements = those(KIND.rolePolicy, KIND.policy)(graph).flatMap(allowsOf);
  const actions = statements
    .filter(({ Resource }) => toList(Resource).includes("*"))
    .flatMap(({ Action }) => toList(Action));
  return [...new Set(actions)].sort();
}
