// Decides the service control policy that fences what is about people, for an organisation's administrator to attach.
// No stage creates it: it holds for whole accounts. docs/controls/pii-scp.json is this policy, docs/tenancy.md its meaning.

export interface PiiPolicyOptions {
  /** Who may set the tag, as patterns of principal ARNs. */
  readonly taggers: readonly string[];
  /** Where a cleared principal may write although nothing there carries the tag, as patterns of ARNs. */
  readonly exemptDestinations: readonly string[];
}

/** On groups, users, streams and buckets: `true` where it is about people. On principals: `cleared` for whom it is open. */
export const PII_TAG = "steward:pii";
/** The tags of a principal for whom it is open. */
export const CLEARED = { [PII_TAG]: "cleared" };

/** Steward's own: its buckets hold run state beside features, and have policies and keys of their own. */
export const PII_POLICY_DEFAULTS: PiiPolicyOptions = {
  taggers: ["arn:aws:iam::*:role/steward-deploy"],
  exemptDestinations: ["arn:aws:s3:::steward-*/*"],
};

const RECORDS = [
  "sagemaker:BatchGetRecord",
  "sagemaker:BatchWriteRecord",
  "sagemaker:DeleteRecord",
  "sagemaker:GetRecord",
  "sagemaker:ListRecords",
  "sagemaker:PutRecord",
];
const WRITES = ["kinesis:PutRecord", "kinesis:PutRecords", "s3:PutObject"];
/** Whatever sets or removes a tag of something that the other statements look at, principals and their sessions included,
 * and is told to a policy by `aws:TagKeys` (Service Authorization Reference, 2026-09-26). */
const TAGGING = [
  "elasticache:AddTagsToResource",
  "elasticache:CreateUser",
  "elasticache:RemoveTagsFromResource",
  "iam:CreateRole",
  "iam:CreateUser",
  "iam:TagRole",
  "iam:TagUser",
  "iam:UntagRole",
  "iam:UntagUser",
  "s3:CreateBucket",
  "s3:TagResource",
  "s3:UntagResource",
  "sagemaker:AddTags",
  "sagemaker:DeleteTags",
  "sts:TagSession",
];
/** Kinesis does not tell which tag it is about, and a bucket's tags count from the moment on which ABAC is switched on. */
const TAGGING_UNTOLD = [
  "kinesis:AddTagsToStream",
  "kinesis:RemoveTagsFromStream",
  "kinesis:TagResource",
  "kinesis:UntagResource",
  "s3:PutBucketAbac",
];

/** Five denials; what none of them denies is left to the account's own policies. */
export function piiPolicy({ taggers, exemptDestinations }: PiiPolicyOptions) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "PiiOnlyForTheCleared",
        Effect: "Deny",
        Action: [...RECORDS, "elasticache:Connect"],
        Resource: "*",
        Condition: {
          StringEquals: { [`aws:ResourceTag/${PII_TAG}`]: "true" },
          StringNotEquals: { [`aws:PrincipalTag/${PII_TAG}`]: "cleared" },
        },
      },
      {
        Sid: "TheClearedWriteToTaggedPlacesOnly",
        Effect: "Deny",
        Action: WRITES,
        NotResource: exemptDestinations,
        Condition: {
          StringEquals: { [`aws:PrincipalTag/${PII_TAG}`]: "cleared" },
          // Where there is no tag, this holds too.
          StringNotEquals: { [`aws:ResourceTag/${PII_TAG}`]: "true" },
        },
      },
      {
        Sid: "TheTagIsNotAnyonesToSet",
        Effect: "Deny",
        Action: TAGGING,
        Resource: "*",
        Condition: {
          "ForAnyValue:StringEquals": { "aws:TagKeys": PII_TAG },
          ArnNotLike: { "aws:PrincipalArn": taggers },
        },
      },
      {
        Sid: "NorWhereItIsNotTold",
        Effect: "Deny",
        Action: TAGGING_UNTOLD,
        Resource: "*",
        Condition: { ArnNotLike: { "aws:PrincipalArn": taggers } },
      },
      {
        Sid: "EveryGroupSaysWhetherItIsPii",
        Effect: "Deny",
        Action: "sagemaker:CreateFeatureGroup",
        Resource: "*",
        Condition: { StringNotEquals: { [`aws:RequestTag/${PII_TAG}`]: ["true", "false"] } },
      },
    ],
  };
}
