// Rules of what the identities of a stage may do. Who may take a role is trust.ts, who may use a key keys.ts.

import { all, type GraphResource, roleStatements, type Statement, statementsOf, toList } from "../graph.ts";
import { ANY_RESOURCE } from "./any-resource.ts";
import { KIND } from "./kinds.ts";
import { everything, type GraphRule, rule, those } from "./rule.ts";

/** Of all inline policies of a role together, and of a managed one; white space is not counted. Source: IAM user guide, "IAM and
 * AWS STS quotas", read 2026-11-25. */
const ROLE_POLICY_CHARACTERS = 10_240;
const MANAGED_POLICY_CHARACTERS = 6_144;
const IAM_KINDS: readonly string[] = [KIND.role, KIND.rolePolicy, KIND.policy];
/** What makes or takes identities. */
const IDENTITY_SERVICES = ["iam", "sts", "organizations", "account", "sso"];

/** Policies that allow something, whoever they hang on. */
export const policies = those(KIND.rolePolicy, KIND.policy, KIND.role);
const resourcePolicies = those(KIND.bucketPolicy, KIND.queuePolicy, KIND.topicPolicy);

function documentsOf({ type, inputs }: GraphResource): readonly unknown[] {
  if (type !== KIND.role) return [inputs.policy];
  return toList<{ readonly policy?: unknown }>(inputs.inlinePolicies).map(({ policy }) => policy);
}

export function allowsOf(resource: GraphResource): readonly Statement[] {
  return documentsOf(resource)
    .flatMap(statementsOf)
    .filter(({ Effect }) => Effect === "Allow");
}

/** Without blanks, as IAM counts it. */
const sizeOf = (documents: readonly unknown[]): number =>
  documents
    .map((each) => (typeof each === "string" ? each : JSON.stringify(each)))
    .join("")
    .replaceAll(/\s/g, "").length;

/** `*` itself, or a resource whose name within its service and type is all star. */
function isAnything(resource: string): boolean {
  if (!resource.startsWith("arn:")) return true;
  const [, , service, ...place] = resource.split(":");
  const name = place.slice(2).join(":");
  return (service === "s3" ? name : name.replace(/^[a-z-]+[:/]/, "")).startsWith("*");
}

/** Glue's figures alone: an action without a resource, held by its condition. */
const isHeld = ({ Condition }: Statement, action: string): boolean =>
  action !== "cloudwatch:PutMetricData" || Condition?.StringEquals?.["cloudwatch:namespace"] === "Glue";

export const IDENTITY_RULES: readonly GraphRule[] = [
  rule(
    "no policy allows an action by a wildcard, or all but some",
    (graph) => [...policies(graph), ...resourcePolicies(graph)],
    (resource) =>
      allowsOf(resource).flatMap(({ Action, NotAction }) => [
        NotAction !== undefined && "allows all but some actions",
        ...toList(Action)
          .filter((action) => /[*?]/.test(action))
          .map((action) => `allows ${action}`),
      ]),
  ),
  rule("a policy allows on any resource only what any-resource.ts gives a reason for", policies, (resource) =>
    allowsOf(resource).flatMap((statement) => {
      const anything = toList(statement.Resource).some(isAnything);
      return [
        statement.NotResource !== undefined && "allows something on all but some resources",
        ...toList(statement.Action)
          .filter((action) => anything && !(action in ANY_RESOURCE && isHeld(statement, action)))
          .map((action) => `allows ${action} on any resource`),
      ];
    }),
  ),
  rule("nobody may make an identity or take another's", policies, (resource) =>
    allowsOf(resource)
      .flatMap(({ Action }) => toList(Action))
      .filter((action) => IDENTITY_SERVICES.includes(action.split(":")[0] ?? ""))
      .map((action) => `allows ${action}`),
  ),
  rule(
    "there are roles and policies of this stage alone: no user, no access key, no group, no policy of AWS's",
    everything,
    ({ type, inputs }) => [
      type.startsWith("aws:iam/") && !IAM_KINDS.includes(type) && "is not a role or a policy of this stage",
      ...toList<string>(inputs.managedPolicyArns)
        .filter((policy) => policy.startsWith("arn:aws:iam::aws:"))
        .map((policy) => `is given ${policy}, which this stage does not write`),
    ],
  ),
  rule("every policy is of a size that IAM takes", policies, (resource, graph) => {
    if (resource.type === KIND.policy) {
      const size = sizeOf(documentsOf(resource));
      return [size > MANAGED_POLICY_CHARACTERS && `has ${size} characters`];
    }
    if (resource.type !== KIND.role) return [];
    const own = all(graph, KIND.rolePolicy).filter(({ inputs }) => inputs.role === resource.id);
    const size = sizeOf([resource, ...own].flatMap(documentsOf));
    return [size > ROLE_POLICY_CHARACTERS && `has policies of ${size} characters`];
  }),
  rule(
    "every role of this stage has a policy of its own, and no policy belongs to a role that is not here",
    those(KIND.role, KIND.rolePolicy),
    (resource, graph) => [
      resource.type === KIND.role && roleStatements(graph, resource).length === 0 && "is allowed nothing",
      resource.type === KIND.rolePolicy &&
        !all(graph, KIND.role).some(({ id }) => id === resource.inputs.role) &&
        `belongs to ${resource.inputs.role}, which is not here`,
    ],
  ),
];
