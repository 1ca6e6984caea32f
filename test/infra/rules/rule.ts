// What a rule over a stage's evaluated graph is: what it looks at, and what is wrong with each of them.

import { all, type Graph, type GraphResource } from "../graph.ts";
import type { KIND } from "./kinds.ts";

export interface GraphRule {
  /** What holds, as a sentence. */
  readonly title: string;
  /** What it looks at: a stage without any would show nothing. */
  subjects(graph: Graph): readonly GraphResource[];
  /** A sentence a fault, beginning with the name of the resource; none: the rule holds. */
  check(graph: Graph): readonly string[];
}

/** What is wrong with one resource, each beginning with a verb; what is false is not wrong. */
export type Faults = readonly (string | false)[];
type Subjects = (graph: Graph) => readonly GraphResource[];

export function rule(
  title: string,
  subjects: Subjects,
  faultsOf: (resource: GraphResource, graph: Graph) => Faults,
): GraphRule {
  const check = (graph: Graph) =>
    subjects(graph).flatMap((resource) =>
      faultsOf(resource, graph)
        .filter((fault) => fault !== false)
        .map((fault) => `${resource.name} (${resource.type.split(":").at(-1)}) ${fault}`),
    );
  return { title, subjects, check };
}

/** All resources of these kinds. */
export function those(...kinds: readonly (typeof KIND)[keyof typeof KIND][]): Subjects {
  return (graph) => kinds.flatMap((kind) => all(graph, kind));
}

/** Whatever the stage asks of a provider. */
export function everything(graph: Graph): readonly GraphResource[] {
  return graph.resources.filter(({ custom }) => custom);
}

/** What `make` makes, made once of each: a graph or a text does not change. */
export function once<Of, Made>(make: (of: Of) => Made): (of: Of) => Made {
  const made = new Map<Of, Made>();
  return (of) => {
    const known = made.get(of);
    if (known !== undefined) return known;
    const fresh = make(of);
    made.set(of, fresh);
    return fresh;
  };
}
