// Rules of who takes the roles of a stage: one service each, on behalf of this account, for one thing alone.

import { type Graph, type GraphResource, statementsOf, toList } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { ACCOUNT, findRole, roleArn } from "./references.ts";
import { everything, type GraphRule, once, rule, those } from "./rule.ts";

/** Roles that more than one thing takes, and why. */
export const SHARED_ROLES: Readonly<Record<string, string>> = {
  FeatureStoreWriterRole: "one service writes the history of all groups, each with the group's own key",
  JobRole: "all jobs run the same bundle, with the same calls, each for a group that its run names",
  ScheduleRole: "it may do nothing but call the functions of the schedules",
};

/** The service that takes the role of each kind. */
const TAKEN_BY: Readonly<Record<string, string>> = {
  [KIND.featureGroup]: "sagemaker.amazonaws.com",
  [KIND.function]: "lambda.amazonaws.com",
  [KIND.job]: "glue.amazonaws.com",
  [KIND.machine]: "states.amazonaws.com",
  [KIND.schedule]: "scheduler.amazonaws.com",
};
/** Of functions Lambda's guide asks for the service alone ("Defining Lambda function permissions with an execution role", read
 * 2026-11-25); that it would hold with an account was not tried. */
const WITHOUT_ACCOUNT = "lambda.amazonaws.com";
/** Services whose guides do not say that they tell for whom they come: where one does not, a bare condition would shut it out. */
const PERHAPS_SILENT: readonly unknown[] = ["glue.amazonaws.com", "sagemaker.amazonaws.com"];

/** `role`, `roleArn`, `executionRoleArn`; no variable of an environment, which is written in capitals. */
const ROLE = /(?:^r|R)ole(?:Arn)?$/;

/** ARNs of what a resource declares as a role of its own, wherever in it. */
function rolesOf(value: unknown): readonly string[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" ? (ROLE.test(key) && inner.startsWith("arn:") ? [inner] : []) : rolesOf(inner),
  );
}

/** Everything that takes a role or ought to, with the ARNs of those that it takes. */
const takings = once((graph: Graph) =>
  everything(graph).flatMap((taker) => {
    const roleArns = [...new Set(rolesOf(taker.inputs))];
    return taker.type in TAKEN_BY || roleArns.length > 0 ? [{ taker, roleArns }] : [];
  }),
);

function servicesOf(role: GraphResource): readonly string[] {
  return statementsOf(role.inputs.assumeRolePolicy).flatMap(({ Principal }) =>
    toList((Principal as { readonly Service?: string | readonly string[] } | undefined)?.Service),
  );
}

export const TRUST_RULES: readonly GraphRule[] = [
  rule("each role lets in one service, on behalf of this account", those(KIND.role), ({ inputs }) => {
    const [statement, ...more] = statementsOf(inputs.assumeRolePolicy);
    const principal = (statement?.Principal ?? {}) as Readonly<Record<string, unknown>>;
    const service = principal.Service;
    const { StringEquals, StringEqualsIfExists } = statement?.Condition ?? {};
    const mayBeSilent = PERHAPS_SILENT.includes(service);
    const account = (mayBeSilent ? StringEqualsIfExists : StringEquals)?.["aws:SourceAccount"];
    return [
      (statement === undefined || more.length > 0) && `has ${more.length + 1} statements of trust`,
      (Object.keys(principal).join() !== "Service" || typeof service !== "string") &&
        `lets in ${JSON.stringify(statement?.Principal)}, not one service`,
      statement?.Action !== "sts:AssumeRole" && `is taken by ${statement?.Action}`,
      mayBeSilent && StringEquals !== undefined && `may shut ${service} out`,
      service !== WITHOUT_ACCOUNT && account !== ACCOUNT && `lets ${service} in on behalf of any account`,
    ];
  }),
  rule(
    "what takes a role finds it here, and is let in",
    (graph) => takings(graph).map(({ taker }) => taker),
    (resource, graph) => {
      const service = TAKEN_BY[resource.type];
      const { roleArns = [] } = takings(graph).find(({ taker }) => taker === resource) ?? {};
      const strangers = roleArns
        .flatMap((taken) => findRole(graph, taken) ?? [])
        .filter((role) => service !== undefined && !servicesOf(role).includes(service));
      return [
        roleArns.length === 0 && "takes no role",
        ...roleArns
          .filter((taken) => findRole(graph, taken) === undefined)
          .map((taken) => `takes a role that is not here: ${taken}`),
        ...strangers.map(({ name }) => `takes ${name}, which does not let ${service} in`),
      ];
    },
  ),
  rule("each role is taken by one thing alone, or SHARED_ROLES says why", those(KIND.role), (role, graph) => {
    const names = takings(graph)
      .filter(({ roleArns }) => roleArns.includes(roleArn(role)))
      .map(({ taker }) => taker.name);
    return [
      names.length === 0 && "is taken by nothing",
      names.length > 1 && !(role.name in SHARED_ROLES) && `is taken by ${names.join(" and ")}`,
    ];
  }),
];
