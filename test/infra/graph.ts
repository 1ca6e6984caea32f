// The resources that a stage registers, as the infra tests and the generated docs look at them.

export interface GraphResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly parent?: string;
  readonly read?: boolean;
  /** As Pulumi would send them to the provider: whatever their resource declares. */
  // biome-ignore lint/suspicious/noExplicitAny: inputs have the shape of some seventy types of resource.
  readonly inputs: Readonly<Record<string, any>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly secretInputs: readonly string[];
  readonly options: {
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly ignoreChanges?: readonly string[];
    readonly dependsOn?: readonly string[];
  };
}

export interface Graph {
  readonly stage: string;
  readonly config: Readonly<Record<string, string>>;
  readonly resources: readonly GraphResource[];
  /** Folder of each bundled function, by SST's own id of it. */
  readonly bundles: Readonly<Record<string, string>>;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export function all(graph: Graph, type: string): readonly GraphResource[] {
  return graph.resources.filter((resource) => resource.type === type);
}

/** @throws Error naming those that there are, when not exactly one matches. */
export function one(graph: Graph, type: string, name: string | RegExp): GraphResource {
  const candidates = all(graph, type);
  const found = candidates.filter((resource) =>
    typeof name === "string" ? resource.name === name : name.test(resource.name),
  );
  const [first] = found;
  if (found.length === 1 && first !== undefined) return first;
  const names = candidates.map((resource) => resource.name).join(", ");
  throw new Error(`${found.length} resources of ${type} match ${name}; there are: ${names}`);
}

export function toList<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/** The statements of a policy document, given as text or as a document. */
export function statementsOf(policy: unknown): readonly Statement[] {
  const document = typeof policy === "string" ? JSON.parse(policy) : policy;
  return toList((document as { Statement?: Statement | readonly Statement[] } | undefined)?.Statement);
}

/** All that a role is allowed or denied by policies of its own. */
export function roleStatements(graph: Graph, role: GraphResource): readonly Statement[] {
  const inline = toList(role.inputs.inlinePolicies).flatMap(({ policy }) => statementsOf(policy));
  const attached = all(graph, "aws:iam/rolePolicy:RolePolicy")
    .filter((policy) => policy.inputs.role === role.id || policy.inputs.role === role.inputs.name)
    .flatMap((policy) => statementsOf(policy.inputs.policy));
  return [...inline, ...attached];
}
