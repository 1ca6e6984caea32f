// Ways of putting a mistake into an evaluated graph: each gives another graph, and leaves the one that it was given as it is.

import { type Graph, type GraphResource, one, type Statement, statementsOf } from "../graph.ts";
import { KIND } from "../rules/kinds.ts";
import type { WrittenTask } from "../rules/workflows.ts";

export type Plant = (graph: Graph) => Graph;
/** By the title of the rule that must catch it, the mistake's own title. */
export type Mistakes = Readonly<Record<string, Readonly<Record<string, Plant>>>>;

/** What a resource declares, to be written to. */
type Inputs = Record<string, GraphResource["inputs"][string]>;
type Open<T> = { -readonly [K in keyof T]: T[K] };

/** @throws Error when there is not exactly one such resource. */
function replace(
  graph: Graph,
  kind: string,
  name: string,
  by: (old: GraphResource) => readonly GraphResource[],
): Graph {
  const old = one(graph, kind, name);
  return { ...graph, resources: graph.resources.flatMap((each) => (each === old ? by(old) : [each])) };
}

function changed(old: GraphResource, how: (inputs: Inputs) => void): GraphResource {
  const inputs: Inputs = structuredClone(old.inputs);
  how(inputs);
  return { ...old, inputs };
}

export function change(kind: string, name: string, how: (inputs: Inputs) => void): Plant {
  return (graph) => replace(graph, kind, name, (old) => [changed(old, how)]);
}

export function without(kind: string, name: string): Plant {
  return (graph) => replace(graph, kind, name, () => []);
}

/** Beside the resource another like it, of this name and id, changed. */
export function copy(kind: string, name: string, as: string, how: (inputs: Inputs) => void): Plant {
  return (graph) =>
    replace(graph, kind, name, (old) => [
      old,
      { ...changed(old, how), name: as, id: as, urn: `${old.urn}-${as}` },
    ]);
}

export function add(type: string, name: string, inputs: Inputs = {}): Plant {
  const planted = {
    urn: `${type}::${name}`,
    type,
    name,
    id: name,
    custom: true,
    inputs,
    secretInputs: [],
    options: {},
  };
  return (graph) => ({ ...graph, resources: [...graph.resources, planted] });
}

export function setOptions(kind: string, name: string, options: GraphResource["options"]): Plant {
  return (graph) =>
    replace(graph, kind, name, (old) => [{ ...old, options: { ...old.options, ...options } }]);
}

/** The document at `policy`, its statements as `how` gives them back. */
export function changePolicy(
  kind: string,
  name: string,
  how: (statements: readonly Statement[]) => readonly unknown[],
  at = "policy",
): Plant {
  return change(kind, name, (inputs) => {
    inputs[at] = JSON.stringify({ Version: "2012-10-17", Statement: how(statementsOf(inputs[at])) });
  });
}

/** One more statement in a role's own policy. */
export function allow(
  policy: string,
  Action: string | readonly string[],
  Resource: string,
  Condition?: object,
): Plant {
  return changePolicy(KIND.rolePolicy, policy, (old) => [
    ...old,
    { Effect: "Allow", Action, Resource, ...(Condition && { Condition }) },
  ]);
}

/** The trust of a role in place of its own. */
export function trust(role: string, Principal: unknown, Condition: object): Plant {
  return changePolicy(
    KIND.role,
    role,
    () => [{ Effect: "Allow", Principal, Action: "sts:AssumeRole", Condition }],
    "assumeRolePolicy",
  );
}

export function changeState(machine: string, state: string, how: (task: Open<WrittenTask>) => void): Plant {
  return change(KIND.machine, machine, (inputs) => {
    const definition = JSON.parse(inputs.definition);
    if (definition.States[state] === undefined) throw new Error(`${machine} has no state "${state}"`);
    how(definition.States[state]);
    inputs.definition = JSON.stringify(definition);
  });
}
