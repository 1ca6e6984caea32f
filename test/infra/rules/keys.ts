// Rules of the keys of a stage: who may use which, for what, and through which service.

import { type Statement, statementsOf, toList } from "../graph.ts";
import { allowsOf, policies } from "./identity.ts";
import { KIND } from "./kinds.ts";
import { ACCOUNT, REGION } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";

/** Who uses a key is allowed these; all else is for whom the account's administrators name. */
const USES = ["kms:Decrypt", "kms:GenerateDataKey", "kms:GetPublicKey", "kms:Sign"];
/** Of those, what opens or closes data; the others belong to a key that signs. */
const OPENS = ["kms:Decrypt", "kms:GenerateDataKey"];
const AWS_SERVICE = new RegExp(`^[a-z0-9]+\\.${REGION}\\.amazonaws\\.com$`);
/** Policies that open data without naming a service, and why. */
export const THROUGH_ANY_SERVICE: Readonly<Record<string, string>> = {
  FeatureStoreWriterPolicy:
    "Feature Store takes its role itself; its guide does not say through which service it then uses the keys",
};
/** Services that key policies let in without an account, and why. */
export const WITHOUT_SOURCE: Readonly<Record<string, string>> = {
  "events.amazonaws.com":
    "EventBridge sends no account that a policy could compare (EventBridge user guide, read 2026-11-25)",
};

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;

const principalOf = ({ Principal }: Statement) => (Principal ?? {}) as Readonly<Record<string, unknown>>;

function strangers(statement: Statement): readonly string[] {
  if (typeof statement.Principal === "string") return [statement.Principal];
  return Object.entries(principalOf(statement)).flatMap(([type, names]) =>
    toList(names as string | readonly string[]).filter((name) => type !== "Service" && name !== ROOT),
  );
}

/** Services that a statement lets in without a word on whose behalf. */
function servedForAll(statement: Statement): readonly string[] {
  const said = statement.Condition?.StringEquals ?? {};
  const isTold =
    said["aws:SourceAccount"] === ACCOUNT || String(said["aws:SourceArn"]).includes(`:${ACCOUNT}:`);
  if (statement.Effect !== "Allow" || isTold) return [];
  const services = toList(principalOf(statement).Service as string | readonly string[] | undefined);
  return services.filter((service) => !(service in WITHOUT_SOURCE));
}

function isThroughNamed({ Condition }: Statement): boolean {
  const services = toList(
    Condition?.StringEquals?.["kms:ViaService"] as string | readonly string[] | undefined,
  );
  return services.length > 0 && services.every((service) => AWS_SERVICE.test(service));
}

export const KEY_RULES: readonly GraphRule[] = [
  rule(
    "a key's policy lets in this account and services that it names, no one else",
    those(KIND.key),
    ({ inputs }) =>
      statementsOf(inputs.policy)
        .flatMap(strangers)
        .map((stranger) => `lets in ${stranger}`),
  ),
  rule("a key serves a service on behalf of this account alone", those(KIND.key), ({ inputs }) =>
    statementsOf(inputs.policy)
      .flatMap(servedForAll)
      .map((service) => `lets ${service} in on behalf of anybody`),
  ),
  rule("every key rotates, but one that signs", those(KIND.key), ({ inputs }) => [
    inputs.keyUsage !== "SIGN_VERIFY" && inputs.enableKeyRotation !== true && "does not rotate",
    inputs.deletionWindowInDays !== 30 && "goes before a month has passed",
  ]),
  rule("nobody is allowed more of a key than to use it", policies, (policy) =>
    allowsOf(policy)
      .flatMap(({ Action }) => toList(Action))
      .filter((action) => action.startsWith("kms:") && !USES.includes(action))
      .map((action) => `allows ${action}`),
  ),
  rule("who opens data with a key does so through services by name", policies, (policy) =>
    allowsOf(policy)
      .filter(({ Action }) => toList(Action).some((action) => OPENS.includes(action)))
      .filter((statement) => !isThroughNamed(statement))
      .filter(() => !(policy.name in THROUGH_ANY_SERVICE))
      .map(({ Action }) => `allows ${toList(Action).join(" and ")} through any service`),
  ),
];
