// Rules of what buckets, queues, topics and functions themselves let in: services by name, for this account, over TLS.

import { all, type GraphResource, statementsOf, toList } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { ACCOUNT } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";

/** Of each kind: the kind of its policy, and how that names what it is on. */
const POLICY_OF: Readonly<
  Record<string, { readonly kind: string; isOn(policy: GraphResource, of: GraphResource): boolean }>
> = {
  [KIND.bucket]: {
    kind: KIND.bucketPolicy,
    isOn: (policy, { inputs }) => policy.inputs.bucket === inputs.bucket,
  },
  [KIND.queue]: { kind: KIND.queuePolicy, isOn: (policy, { id }) => policy.inputs.queueUrl === id },
  [KIND.topic]: { kind: KIND.topicPolicy, isOn: (policy, { id }) => policy.inputs.arn === id },
};
/** EventBridge tells a topic no account (EventBridge user guide, "Using resource-based policies", read 2026-11-25). */
const TELLS_NO_ACCOUNT = "events.amazonaws.com";

/** What is denied to everybody who comes without TLS. */
function deniedWithoutTls(policy: GraphResource): readonly string[] {
  return statementsOf(policy.inputs.policy)
    .filter(
      ({ Effect, Principal, Condition }) =>
        Effect === "Deny" && Principal === "*" && Condition?.Bool?.["aws:SecureTransport"] === "false",
    )
    .flatMap(({ Action }) => toList(Action));
}

/** What a policy must deny without TLS: of a topic, where nobody reads, to publish. */
const TLS_ONLY: Readonly<Record<string, string>> = {
  [KIND.bucket]: "s3:*",
  [KIND.queue]: "sqs:*",
  [KIND.topic]: "sns:Publish",
};

function isForThisAccount(
  condition: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): boolean {
  const said = Object.values(condition).flatMap((keys) => Object.entries(keys));
  return said.some(
    ([key, value]) =>
      (key === "aws:SourceAccount" && value === ACCOUNT) ||
      (key === "aws:SourceArn" && String(value).includes(`:${ACCOUNT}:`)),
  );
}

export const RESOURCE_POLICY_RULES: readonly GraphRule[] = [
  rule(
    "every bucket, queue and topic refuses what comes without TLS",
    those(KIND.bucket, KIND.queue, KIND.topic),
    (resource, graph) => {
      const { kind = "", isOn } = POLICY_OF[resource.type] ?? {};
      const denied = all(graph, kind)
        .filter((policy) => isOn?.(policy, resource))
        .flatMap(deniedWithoutTls);
      return [
        !denied.includes(TLS_ONLY[resource.type] ?? "") &&
          "has no policy that refuses what comes without TLS",
      ];
    },
  ),
  rule(
    "no bucket, queue or topic lets in anybody but services by name, on behalf of this account",
    those(KIND.bucketPolicy, KIND.queuePolicy, KIND.topicPolicy),
    ({ type, inputs }) =>
      statementsOf(inputs.policy)
        .filter(({ Effect }) => Effect === "Allow")
        .flatMap(({ Sid, Principal, Condition }) => {
          const { Service, ...others } = (
            typeof Principal === "string" ? { AWS: Principal } : (Principal ?? {})
          ) as Readonly<Record<string, unknown>>;
          const isUntold = type === KIND.topicPolicy && Service === TELLS_NO_ACCOUNT;
          return [
            (Service === undefined || Object.keys(others).length > 0) &&
              `lets in ${JSON.stringify(Principal)}, by ${Sid}`,
            !isUntold &&
              !isForThisAccount(Condition) &&
              `lets in whoever acts for another account, by ${Sid}`,
          ];
        }),
  ),
  rule(
    "a function is called by one service, from one source of this account",
    those(KIND.permission),
    ({ inputs }) => [
      inputs.action !== "lambda:InvokeFunction" && `allows ${inputs.action}`,
      !String(inputs.principal).endsWith(".amazonaws.com") && `lets in ${inputs.principal}`,
      !String(inputs.sourceArn).includes(`:${ACCOUNT}:`) && "names no source of this account",
      /:\*$/.test(String(inputs.sourceArn)) && "lets in every source of its kind",
      inputs.functionUrlAuthType !== undefined && "is for a URL of the function's own",
    ],
  ),
];
