import { describe, expect, inject, it } from "vitest";
import { all, one, statementsOf } from "./graph.ts";

const graphs = Object.values(inject("graphs"));

interface Field {
  readonly field: string;
  readonly equals?: readonly string[];
  readonly startsWiths?: readonly string[];
}

describe.each(graphs)("the audit log of $stage", (graph) => {
  const { inputs: trail } = one(graph, "aws:cloudtrail/trail:Trail", "AuditTrail");
  const { inputs: bucket } = one(graph, "aws:s3/bucket:Bucket", "AuditBucket");
  const ofBucket = (type: string) => {
    const found = all(graph, type).filter(({ inputs }) => inputs.bucket === bucket.bucket);
    if (found.length !== 1 || found[0] === undefined)
      throw new Error(`${found.length} ${type} of the audit bucket`);
    return found[0].inputs;
  };
  const selectors: readonly (readonly Field[])[] = trail.advancedEventSelectors.map(
    ({ fieldSelectors }: { fieldSelectors: readonly Field[] }) => fieldSelectors,
  );

  it("proves by signed digests that nothing in it was changed, lies under a key of its own, and begins once all is in place", () => {
    const { options } = one(graph, "aws:cloudtrail/trail:Trail", "AuditTrail");

    expect(trail).toMatchObject({ enableLogFileValidation: true, isMultiRegionTrail: true });
    expect(trail.enableLogging).not.toBe(false);
    expect(trail.kmsKeyId).toMatch(/:key\/key-AuditKey$/);
    expect(trail.s3BucketName).toBe(bucket.bucket);
    expect(options.dependsOn?.map((urn) => urn.split("::").at(-1))).toEqual(
      expect.arrayContaining(["AuditPolicy", "AuditLock", "AuditEncryption"]),
    );
  });

  it("holds writes alone, on the account, on every feature group and on every bucket but its own", () => {
    const values = (fields: readonly Field[], name: string) =>
      fields.flatMap(({ field, equals, startsWiths }) =>
        field === name ? [...(equals ?? startsWiths ?? [])] : [],
      );
    const arns = selectors.flatMap((fields) => values(fields, "resources.ARN"));
    const groups = all(graph, "aws:sagemaker/featureGroup:FeatureGroup").map(
      ({ inputs }) => inputs.featureGroupName,
    );
    const buckets = all(graph, "aws:s3/bucket:Bucket").map(({ inputs, id }) => inputs.bucket ?? id);

    for (const fields of selectors) expect(values(fields, "readOnly")).toEqual(["false"]);
    expect(selectors.map((fields) => values(fields, "eventCategory")[0])).toContain("Management");
    for (const group of groups)
      expect(
        arns.some((arn) => arn.endsWith(`:feature-group/${group}`)),
        group,
      ).toBe(true);
    for (const name of buckets)
      expect(arns.includes(`arn:aws:s3:::${name}/`), name).toBe(name !== bucket.bucket);
  });

  it("is locked, versioned, encrypted and shut to the public", () => {
    const { mode, days } = ofBucket("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").rule
      .defaultRetention as { mode: string; days: number };
    const [lifecycle] =
      ofBucket("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").rules ?? [];

    expect(bucket.objectLockEnabled).toBe(true);
    expect(mode).toBe(graph.stage === "prod" ? "COMPLIANCE" : "GOVERNANCE");
    expect(days).toBeGreaterThanOrEqual(graph.stage === "prod" ? 365 : 1);
    expect(lifecycle?.expiration.days).toBeGreaterThan(days);
    expect(bucket.forceDestroy).toBe(graph.stage !== "prod");
    expect(ofBucket("aws:s3/bucketVersioning:BucketVersioning").versioningConfiguration.status).toBe(
      "Enabled",
    );
    expect(ofBucket("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
  });

  it("is written by this one trail alone, over TLS", () => {
    const statements = statementsOf(ofBucket("aws:s3/bucketPolicy:BucketPolicy").policy);
    const allowed = statements.filter(({ Effect }) => Effect === "Allow");

    expect(allowed.map(({ Action }) => Action)).toEqual(["s3:GetBucketAcl", "s3:PutObject"]);
    for (const { Principal, Condition } of allowed) {
      expect(Principal).toEqual({ Service: "cloudtrail.amazonaws.com" });
      expect(Condition?.StringEquals?.["aws:SourceArn"]).toBe(
        `arn:aws:cloudtrail:us-east-1:123456789012:trail/${trail.name}`,
      );
    }
    expect(statements.find(({ Effect }) => Effect === "Deny")).toMatchObject({
      Action: "s3:*",
      Principal: "*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
  });

  it("wakes somebody when the log, a lock or a key is touched", () => {
    const { inputs: rule } = one(graph, "aws:cloudwatch/eventRule:EventRule", "TamperingRule");
    const { inputs: target } = one(graph, "aws:cloudwatch/eventTarget:EventTarget", "TamperingTarget");
    const { eventName } = JSON.parse(rule.eventPattern).detail;

    expect(eventName).toEqual(
      expect.arrayContaining(["StopLogging", "DeleteTrail", "ScheduleKeyDeletion", "PutBucketVersioning"]),
    );
    expect(target.arn).toBe(`arn:aws:sns:us-east-1:123456789012:steward-${graph.stage}-pages`);
  });
});
