// Decides what a function may do of AWS: for each call of a port that its own bundle makes (needs.json), the actions that the
// port's adapter sends for it, on the one resource that it sends them to. Nobody grants by hand.

import type { PortName } from "@steward/functions/_account/environment.ts";

/** By name, its ARNs. */
export interface GrantResources {
  readonly ledger: Arns;
  /** Buckets that keep objects, and what lies in them. */
  readonly buckets: Arns;
  readonly objects: Arns;
  /** Of those, what may be removed: never evidence. */
  readonly removableObjects: Arns;
  readonly incomingBucket: Arns;
  readonly incomingObjects: Arns;
  readonly chunks: Arns;
  readonly deadLetters: Arns;
  readonly streams: Arns;
  readonly groups: Arns;
  /** Of the clusters, with the users that may be taken on them. */
  readonly hotReaders: Arns;
  readonly hotWriters: Arns;
  readonly hotPacer: Arns;
  readonly stateMachines: Arns;
  readonly executions: Arns;
  readonly pagesTopic: Arns;
  readonly suppressionSecret: Arns;
  readonly sealSecret: Arns;
  readonly dataKey: Arns;
  /** What the buckets that keep objects encrypt with, where nothing else is said. */
  readonly objectKeys: Arns;
  readonly groupKeys: Arns;
  readonly pagesKey: Arns;
  readonly signingKey: Arns;
}
type Arns = readonly $util.Input<string>[];
type ResourceName = keyof GrantResources | "anything";
type Service = "dynamodb" | "kinesis" | "s3" | "sagemaker" | "secretsmanager" | "sns" | "sqs";
/** `action resource`; of a key, the only service that it may be used through stands behind. */
export type Grant = `${string}:${string} ${ResourceName}` | `kms:${string} ${ResourceName} ${Service}`;

/** For writes too: whoever uses a table has its own key decrypted, which is made once, with the table (DynamoDB guide, "How DynamoDB
 * uses AWS KMS", read 2026-11-25). */
const READ_TABLE = ["kms:Decrypt dataKey dynamodb"] as const;
/** Who may not list a bucket is told of a missing object that it is forbidden (S3 API reference, HeadObject, from memory). */
const READ_OBJECT = [
  "s3:GetObject objects",
  "s3:GetObjectVersion objects",
  "s3:ListBucket buckets",
  "kms:Decrypt objectKeys s3",
  // Feature Store writes the offline rows of a group with that group's own key.
  "kms:Decrypt groupKeys s3",
] as const;
const LIST_OBJECTS = ["s3:ListBucketVersions buckets"] as const;
/** A refused write looks for its own id on the versions that there are. */
const PUT_OBJECT = [
  "s3:PutObject objects",
  "kms:GenerateDataKey objectKeys s3",
  ...READ_OBJECT,
  ...LIST_OBJECTS,
] as const;
const PUT_PARTS = ["s3:AbortMultipartUpload objects", "kms:Decrypt objectKeys s3", ...PUT_OBJECT] as const;
const REMOVE_VERSIONS = ["s3:DeleteObjectVersion removableObjects"] as const;
const READ_INCOMING = [
  "s3:GetObject incomingObjects",
  "s3:ListBucket incomingBucket",
  "kms:Decrypt dataKey s3",
] as const;
const READ_SECRET = ["kms:Decrypt dataKey secretsmanager"] as const;
const SEND_CHUNKS = [
  "sqs:SendMessage chunks",
  "kms:GenerateDataKey dataKey sqs",
  "kms:Decrypt dataKey sqs",
] as const;
const READ_LETTERS = [
  "sqs:ReceiveMessage deadLetters",
  "sqs:ChangeMessageVisibility deadLetters",
  "kms:Decrypt dataKey sqs",
] as const;
const RECORDS_KEY = ["kms:Decrypt groupKeys sagemaker"] as const;
const DESCRIBE_EXECUTION = ["states:DescribeExecution executions"] as const;
const STAGE_FILES = [...PUT_PARTS, ...LIST_OBJECTS, "s3:DeleteObject removableObjects"] as const;

/** By port and method; `*`: whatever is called of it, its opening included. */
const CALLS: Readonly<Record<PortName, Readonly<Record<string, readonly Grant[]>>>> = {
  batchEngine: {
    "*": ["secretsmanager:GetSecretValue suppressionSecret", ...READ_SECRET],
    inspect: READ_INCOMING,
    append: [...READ_INCOMING, ...STAGE_FILES],
    compute: STAGE_FILES,
    snapshot: STAGE_FILES,
  },
  chunkQueue: {
    send: SEND_CHUNKS,
    depth: ["sqs:GetQueueAttributes chunks", "sqs:GetQueueAttributes deadLetters"],
    listDeadLetters: READ_LETTERS,
    redrive: [...READ_LETTERS, "sqs:DeleteMessage deadLetters", ...SEND_CHUNKS],
  },
  erasureFiles: {
    "*": [...READ_OBJECT, "secretsmanager:GetSecretValue suppressionSecret", ...READ_SECRET],
    count: [],
    countEach: [],
    rewrite: [],
    scan: [],
  },
  hotStore: {
    read: ["elasticache:Connect hotReaders"],
    write: ["elasticache:Connect hotWriters"],
    scan: ["elasticache:Connect hotWriters"],
    applyFences: ["elasticache:Connect hotWriters"],
    removeNamed: ["elasticache:Connect hotWriters"],
    listUnguarded: ["elasticache:Connect hotWriters"],
    incarnation: ["elasticache:Connect hotWriters"],
  },
  incoming: { list: ["s3:ListBucket incomingBucket"] },
  ledger: {
    find: ["dynamodb:GetItem ledger", ...READ_TABLE],
    list: ["dynamodb:Query ledger", ...READ_TABLE],
    put: ["dynamodb:PutItem ledger", ...READ_TABLE],
    remove: ["dynamodb:DeleteItem ledger", ...READ_TABLE],
  },
  metricHistory: { read: ["cloudwatch:GetMetricData anything"] },
  // A line of the log, which CloudWatch reads the figures from.
  metrics: { put: [] },
  objects: {
    copy: PUT_PARTS,
    find: READ_OBJECT,
    get: READ_OBJECT,
    list: LIST_OBJECTS,
    listVersions: LIST_OBJECTS,
    put: PUT_OBJECT,
    putFile: PUT_PARTS,
    removeVersions: REMOVE_VERSIONS,
  },
  offlineFiles: {
    "*": [...READ_OBJECT, "secretsmanager:GetSecretValue suppressionSecret", ...READ_SECRET],
    readRows: [],
  },
  onlineStore: {
    "*": RECORDS_KEY,
    delete: ["sagemaker:DeleteRecord groups", "sagemaker:GetRecord groups"],
    // A group is created by the stage; what a definition gained, the next run adds.
    ensureGroup: ["sagemaker:DescribeFeatureGroup groups", "sagemaker:UpdateFeatureGroup groups"],
    flushOffline: [],
    list: ["sagemaker:ListRecords groups"],
    read: ["sagemaker:BatchGetRecord groups"],
    // BatchWriteRecord is authorised as both (Service Authorization Reference, 2026-09-26).
    write: ["sagemaker:BatchWriteRecord groups", "sagemaker:PutRecord groups"],
  },
  pacer: { reserve: ["elasticache:Connect hotPacer"] },
  pager: {
    page: ["sns:Publish pagesTopic", "kms:GenerateDataKey pagesKey sns", "kms:Decrypt pagesKey sns"],
  },
  pseudonymiser: {
    pseudonym: ["secretsmanager:GetSecretValue suppressionSecret", ...READ_SECRET],
  },
  sealer: {
    "*": ["secretsmanager:GetSecretValue sealSecret", ...READ_SECRET],
    seal: [],
    open: [],
  },
  signer: { sign: ["kms:GetPublicKey signingKey", "kms:Sign signingKey"] },
  stateMachines: {
    start: ["states:StartExecution stateMachines", ...DESCRIBE_EXECUTION],
    stop: ["states:StopExecution executions"],
    resume: ["states:RedriveExecution executions", ...DESCRIBE_EXECUTION],
  },
  streams: {
    get: [
      "kinesis:GetRecords streams",
      "kinesis:GetShardIterator streams",
      "kinesis:ListShards streams",
      "kms:Decrypt dataKey kinesis",
    ],
  },
};

export type FunctionNeeds = Readonly<Partial<Record<PortName, readonly string[]>>>;

/** Ascending, each once. @throws Error for a call that the table above does not know. */
export function grantsOf(needs: FunctionNeeds): readonly Grant[] {
  const grants = Object.entries(needs).flatMap(([port, methods]) => {
    const calls = CALLS[port as PortName];
    return [...(calls["*"] ?? []), ...methods.flatMap((method) => callOf(port, calls, method))];
  });
  return [...new Set(grants)].sort();
}

function callOf(
  port: string,
  calls: Readonly<Record<string, readonly Grant[]>>,
  method: string,
): readonly Grant[] {
  const grants = calls[method];
  if (grants === undefined) throw new Error(`permissions.ts does not say what ${port}.${method} may do`);
  return grants;
}

export interface GrantStatement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly $util.Input<string>[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly $util.Input<string>[]>>>>;
}

/** One statement for each resource, and for each set of services that a key is used through. */
export function statementsFor(
  grants: readonly Grant[],
  resources: GrantResources,
  region: $util.Input<string>,
): readonly GrantStatement[] {
  const services = Map.groupBy(grants.map(toParts), ({ action, resource }) => `${action} ${resource}`);
  const calls = [...services.values()].map((same) => ({
    action: same[0].action,
    resource: same[0].resource,
    through: same.flatMap(({ service }) => (service === undefined ? [] : [service])),
  }));
  const byPlace = Map.groupBy(calls, ({ resource, through }) => `${resource} ${through}`);
  return [...byPlace.values()].map((some) => {
    const { resource, through } = some[0];
    return {
      Effect: "Allow",
      Action: some.map(({ action }) => action),
      Resource: resource === "anything" ? ["*"] : resources[resource],
      ...(through.length > 0 && {
        Condition: {
          StringEquals: {
            "kms:ViaService": through.map((service) => $interpolate`${service}.${region}.amazonaws.com`),
          },
        },
      }),
    };
  });
}

function toParts(grant: Grant) {
  const [action, resource, service] = grant.split(" ") as [string, ResourceName, Service | undefined];
  return { action, resource, service };
}
