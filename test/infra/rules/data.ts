// Rules of where data lies: a key of this stage everywhere, a way back, and no log that never forgets. Buckets are storage.ts.

import { all, type Graph, type GraphResource, toList } from "../graph.ts";
import { allowsOf, policies } from "./identity.ts";
import { KIND } from "./kinds.ts";
import { isOwnKey } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";

/** Design §1: what a replay can go back to. */
const STREAM_HOURS = 168;

/** Policies by which a log is made that no stage owns, and why. */
export const FOREIGN_LOGS: Readonly<Record<string, string>> = {
  JobPolicy:
    "Glue's own logs, which all jobs of the account share: who runs the account says how long they are kept",
};

const usersOf = (graph: Graph, groupId: string): readonly GraphResource[] => {
  const group = all(graph, KIND.userGroup).find(({ inputs }) => inputs.userGroupId === groupId);
  const ids = toList<string>(group?.inputs.userIds);
  return all(graph, KIND.user).filter(({ inputs }) => ids.includes(inputs.userId));
};

const groupKeysOf = ({ inputs }: GraphResource): readonly unknown[] => [
  inputs.onlineStoreConfig?.securityConfig?.kmsKeyId,
  inputs.offlineStoreConfig?.s3StorageConfig?.kmsKeyId,
];

export const DATA_RULES: readonly GraphRule[] = [
  rule(
    "every table is encrypted with a key of this stage, and can be brought back to any second",
    those(KIND.table),
    ({ inputs }, graph) => [
      (inputs.serverSideEncryption?.enabled !== true ||
        !isOwnKey(graph, inputs.serverSideEncryption.kmsKeyArn)) &&
        "is encrypted with no key of this stage",
      inputs.pointInTimeRecovery?.enabled !== true && "cannot be brought back to a point in time",
      inputs.billingMode !== "PAY_PER_REQUEST" && "has a fixed capacity",
    ],
  ),
  rule(
    "every stream is encrypted with a key of this stage, grows by itself, and keeps events for a week",
    those(KIND.stream),
    ({ inputs }, graph) => [
      (inputs.encryptionType !== "KMS" || !isOwnKey(graph, inputs.kmsKeyId)) &&
        "is encrypted with no key of this stage",
      inputs.streamModeDetails?.streamMode !== "ON_DEMAND" && "has fixed shards",
      inputs.retentionPeriod !== STREAM_HOURS && `keeps events for ${inputs.retentionPeriod ?? 24} hours`,
    ],
  ),
  rule(
    "every feature group has a key of its own, online and offline",
    those(KIND.featureGroup),
    (group, graph) => {
      const [online, offline] = groupKeysOf(group);
      const others = all(graph, KIND.featureGroup).filter(({ name }) => name !== group.name);
      return [
        !isOwnKey(graph, online) && "is encrypted online with no key of this stage",
        !isOwnKey(graph, offline) && "is encrypted offline with no key of this stage",
        online !== offline && "has one key online and another offline",
        ...others
          .filter((other) => groupKeysOf(other).some((key) => key !== undefined && key === online))
          .map((other) => `shares its key with ${other.name}`),
      ];
    },
  ),
  rule(
    "every feature group lies in the tier that takes a customer's key",
    those(KIND.featureGroup),
    ({ inputs }) => [
      inputs.onlineStoreConfig?.storageType !== "Standard" &&
        `lies in ${inputs.onlineStoreConfig?.storageType}`,
    ],
  ),
  rule(
    "every cluster is encrypted with a key of this stage at rest, and with TLS on the wire",
    those(KIND.cluster),
    ({ inputs }, graph) => [
      (inputs.atRestEncryptionEnabled !== true || !isOwnKey(graph, inputs.kmsKeyId)) &&
        "is encrypted with no key of this stage",
      (inputs.transitEncryptionEnabled !== true || inputs.transitEncryptionMode !== "required") &&
        "is spoken to without TLS",
    ],
  ),
  rule(
    "every cluster lets in users by IAM alone, and shuts out the one that comes with it",
    those(KIND.cluster),
    ({ inputs }, graph) => {
      const users = toList<string>(inputs.userGroupIds).flatMap((id) => usersOf(graph, id));
      const nobody = users.find((user) => user.inputs.userName === "default");
      return [
        users.length === 0 && "has no users: who comes needs none",
        inputs.authToken !== undefined && "lets in whoever knows a password",
        nobody === undefined && "leaves the default user as it comes",
        nobody !== undefined && !/^off -@all$/.test(nobody.inputs.accessString) && "lets the default user in",
        ...users
          .filter((user) => user !== nobody && user.inputs.authenticationMode?.type !== "iam")
          .map((user) => `lets ${user.name} in by ${user.inputs.authenticationMode?.type ?? "nothing"}`),
      ];
    },
  ),
  rule(
    "every secret is encrypted with a key of this stage, and can be had back for a week",
    those(KIND.secret),
    ({ inputs }, graph) => [
      !isOwnKey(graph, inputs.kmsKeyId) && "is encrypted with no key of this stage",
      !(inputs.recoveryWindowInDays >= 7) && "is gone at once when it is removed",
    ],
  ),
  rule(
    "no secret's value is in the graph",
    (graph) => [...all(graph, KIND.secret), ...valuesIn(graph)],
    ({ type }) => [type !== KIND.secret && "puts a secret's value into the deployment's state"],
  ),
  rule("every log forgets", those(KIND.logGroup), ({ inputs }) => [
    !(inputs.retentionInDays > 0) && "never forgets",
  ]),
  rule("nobody makes a log that never forgets, or FOREIGN_LOGS says why", policies, (policy) => [
    !(policy.name in FOREIGN_LOGS) &&
      allowsOf(policy).some(({ Action }) => toList(Action).includes("logs:CreateLogGroup")) &&
      "allows logs:CreateLogGroup: what is made so never forgets",
  ]),
  rule("every topic is encrypted with a key of this stage", those(KIND.topic), ({ inputs }, graph) => [
    !isOwnKey(graph, inputs.kmsMasterKeyId) && "is encrypted with no key of this stage",
  ]),
];

const valuesIn = (graph: Graph): readonly GraphResource[] =>
  graph.resources.filter(({ type }) => /:(?:SecretVersion|RandomPassword|RandomBytes|AccessKey)$/.test(type));
