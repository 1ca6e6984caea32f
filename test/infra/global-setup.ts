// Evaluates both kinds of stage once for all infra tests, one after the other.

import type { TestProject } from "vitest/node";
import { evaluate } from "./evaluate.ts";
import type { Graph } from "./graph.ts";

declare module "vitest" {
  export interface ProvidedContext {
    graphs: { readonly dev: Graph; readonly prod: Graph };
  }
}

export async function setup(project: TestProject): Promise<void> {
  const dev = await evaluate("dev");
  const prod = await evaluate("prod");
  project.provide("graphs", { dev, prod });
}
