// Rules of every bucket: versions, a key of this stage, nothing public, nothing left over. TLS is in resource-policies.ts.

import { all, type Graph, type GraphResource, roleStatements, toList } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { isOwnKey } from "./references.ts";
import { type GraphRule, rule, those } from "./rule.ts";

const FOUR_WAYS = [
  "blockPublicAcls",
  "blockPublicPolicy",
  "ignorePublicAcls",
  "restrictPublicBuckets",
] as const;
/** What opens a bucket beside its policy. */
const OPENERS = [
  "aws:s3/bucketAcl:BucketAcl",
  "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
];

interface LifecycleRule {
  readonly status: string;
  readonly filter?: { readonly prefix?: string };
  readonly abortIncompleteMultipartUpload?: { readonly daysAfterInitiation: number };
  readonly noncurrentVersionExpiration?: { readonly noncurrentDays: number };
}

/** Inputs of what is set for the bucket; empty where nothing is. */
function settingOf(graph: Graph, kind: string, { inputs }: GraphResource): GraphResource["inputs"] {
  return all(graph, kind).find((each) => each.inputs.bucket === inputs.bucket)?.inputs ?? {};
}

/** Names of the buckets, or of those objects' buckets, on which a role is allowed an action. */
function bucketsOf(graph: Graph, role: GraphResource, allowed: string): readonly string[] {
  return roleStatements(graph, role)
    .filter(({ Effect, Action }) => Effect === "Allow" && toList(Action).includes(allowed))
    .flatMap(({ Resource }) => toList(Resource))
    .map((resource) => resource.replace("arn:aws:s3:::", "").replace(/\/.*$/, ""));
}

export const STORAGE_RULES: readonly GraphRule[] = [
  rule("every bucket keeps versions", those(KIND.bucket), (bucket, graph) => [
    settingOf(graph, KIND.bucketVersioning, bucket).versioningConfiguration?.status !== "Enabled" &&
      "keeps no versions",
  ]),
  rule("every bucket encrypts with a key of this stage", those(KIND.bucket), (bucket, graph) => {
    const [setting] = settingOf(graph, KIND.bucketEncryption, bucket).rules ?? [];
    const { sseAlgorithm, kmsMasterKeyId } = setting?.applyServerSideEncryptionByDefault ?? {};
    return [
      (sseAlgorithm !== "aws:kms" || !isOwnKey(graph, kmsMasterKeyId)) &&
        "encrypts with no key of this stage",
    ];
  }),
  rule("no bucket is public, in any of the four ways", those(KIND.bucket), (bucket, graph) => {
    const access = settingOf(graph, KIND.bucketAccess, bucket);
    const opened = OPENERS.filter((kind) =>
      all(graph, kind).some(({ inputs }) => inputs.bucket === bucket.inputs.bucket),
    );
    return [
      ...FOUR_WAYS.filter((way) => access[way] !== true).map((way) => `does not set ${way}`),
      bucket.inputs.acl !== undefined && `has the list ${bucket.inputs.acl}`,
      ...opened.map((kind) => `is opened by ${kind}`),
    ];
  }),
  rule(
    "every bucket gives up unfinished uploads and old versions, wherever in it",
    those(KIND.bucket),
    (bucket, graph) => {
      const rules: readonly LifecycleRule[] = settingOf(graph, KIND.bucketLifecycle, bucket).rules ?? [];
      const everywhere = rules.filter(
        ({ status, filter }) => status === "Enabled" && (filter?.prefix ?? "") === "",
      );
      return [
        !everywhere.some((each) => each.abortIncompleteMultipartUpload !== undefined) &&
          "keeps unfinished uploads",
        !everywhere.some((each) => each.noncurrentVersionExpiration !== undefined) &&
          "keeps old versions for ever",
      ];
    },
  ),
  rule(
    "who reads objects of a bucket may list it: else S3 says of a missing one that it is forbidden",
    those(KIND.role),
    (role, graph) => {
      const listed = bucketsOf(graph, role, "s3:ListBucket");
      return [...new Set(bucketsOf(graph, role, "s3:GetObject"))]
        .filter((bucket) => !listed.includes(bucket))
        .map((bucket) => `may not list ${bucket}`);
    },
  ),
];
