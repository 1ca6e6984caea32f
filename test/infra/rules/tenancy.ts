// Rules of tenants, by the owner that groups, users and policies are tagged with: nobody's reaches another's.

import { all, type Graph, type GraphResource, toList } from "../graph.ts";
import { isAllowed } from "../policy-evaluation.ts";
import { allowsOf } from "./identity.ts";
import { KIND } from "./kinds.ts";
import { groupArn, REGION, userArn } from "./references.ts";
import { type GraphRule, rule } from "./rule.ts";

const OWNER = "steward:owner";
const THROUGH = { "kms:ViaService": `sagemaker.${REGION}.amazonaws.com` };

const ownerOf = ({ inputs }: GraphResource): string | undefined => inputs.tags?.[OWNER];
const owned = (kind: string) => (graph: Graph) =>
  all(graph, kind).filter((each) => ownerOf(each) !== undefined);

/** ARNs of what belongs to anybody else: groups, their keys, users of the hot store. */
function othersOf(graph: Graph, owner: string | undefined): readonly string[] {
  const isAnothers = (each: GraphResource) => ownerOf(each) !== owner;
  const groups = owned(KIND.featureGroup)(graph).filter(isAnothers);
  const keys = groups.map(({ inputs }) => String(inputs.onlineStoreConfig?.securityConfig?.kmsKeyId));
  return [...groups.map(groupArn), ...keys, ...owned(KIND.user)(graph).filter(isAnothers).map(userArn)];
}

/** Patterns of keys and channels in the words of a user of Redis. */
const patternsOf = ({ inputs }: GraphResource): readonly string[] =>
  String(inputs.accessString)
    .split(" ")
    .filter((word) => /^(?:%[RW]+)?[~&]|^all(?:keys|channels)$/.test(word));

export const TENANCY_RULES: readonly GraphRule[] = [
  rule("no tenant's policy reaches another's groups, keys or users", owned(KIND.policy), (policy, graph) => {
    const statements = allowsOf(policy);
    const actions = [...new Set(statements.flatMap(({ Action }) => toList(Action)))];
    return othersOf(graph, ownerOf(policy)).flatMap((resource) =>
      actions
        .filter((action) => isAllowed(statements, { action, resource, context: THROUGH }))
        .map((action) => `allows ${action} on ${resource}`),
    );
  }),
  rule("no tenant's user of the hot store names another's keys, or any channel", owned(KIND.user), (user) => {
    const own = new RegExp(`^(?:%R)?~${ownerOf(user)}:`);
    const patterns = patternsOf(user);
    return [
      patterns.length === 0 && "names no keys",
      ...patterns.filter((pattern) => !own.test(pattern)).map((pattern) => `may reach ${pattern}`),
    ];
  }),
  rule(
    "no user of the hot store beside the tenants' reaches a key of theirs",
    (graph) => all(graph, KIND.user).filter((user) => ownerOf(user) === undefined),
    (user, graph) => {
      const owners = owned(KIND.user)(graph).map((each) => `${ownerOf(each)}:`);
      return patternsOf(user)
        .map((pattern) => pattern.replace(/^(?:%[RW]+)?[~&]|^all(?:keys|channels)$/, ""))
        .filter((keys) => {
          const [fixed = ""] = keys.split(/[*?[]/);
          return owners.some((owner) => owner.startsWith(fixed) || fixed.startsWith(owner));
        })
        .map((keys) => `may reach ${keys || "all keys"}`);
    },
  ),
  rule("no tenant's user is granted a whole category of commands", owned(KIND.user), ({ inputs }) =>
    String(inputs.accessString)
      .split(" ")
      .filter((word) => /^\+@|^allcommands$/.test(word))
      .map((word) => `is granted ${word}`),
  ),
  rule(
    "every feature group has an owner, and the owner a policy to read it by",
    (graph) => all(graph, KIND.featureGroup),
    (group, graph) => {
      const readers = owned(KIND.policy)(graph).filter((policy) => ownerOf(policy) === ownerOf(group));
      const request = { action: "sagemaker:GetRecord", resource: groupArn(group) };
      return [
        ownerOf(group) === undefined && "has no owner",
        !readers.some((policy) => isAllowed(allowsOf(policy), request)) &&
          "is read by no policy of its owner",
      ];
    },
  ),
];
