// Decides in which buckets a stage keeps its objects, and what becomes of them in time.

import { createBucket } from "./buckets.ts";
import type { Keys } from "./keys.ts";
import { OFFLINE_PREFIX } from "./online.ts";
import type { StorageSettings } from "./settings.ts";

type Rule = aws.types.input.s3.BucketLifecycleConfigurationRule;

export function createStorage(settings: StorageSettings, isProd: boolean, keys: Keys) {
  const { data: key } = keys;
  const tidy: Rule = {
    id: "tidy",
    status: "Enabled",
    filter: { prefix: "" },
    abortIncompleteMultipartUpload: { daysAfterInitiation: settings.unfinishedUploadDays },
    noncurrentVersionExpiration: { noncurrentDays: settings.oldVersionDays },
  };
  const expire = (days: number): Rule => ({
    ...tidy,
    id: "expire",
    expiration: { days },
    noncurrentVersionExpiration: { noncurrentDays: 1 },
  });
  const cool: Rule = {
    id: "cool",
    status: "Enabled",
    filter: { prefix: `${OFFLINE_PREFIX}/` },
    transitions: [{ days: settings.glacierAfterDays, storageClass: "GLACIER_IR" }],
  };
  return {
    /** The offline store, the events read so far, and the audit of the API. */
    data: createBucket("data", { isProd, key, rules: [cool, tidy] }),
    /** Of runs under way. */
    staging: createBucket("staging", { isProd, key, rules: [expire(settings.stagingDays)] }),
    /** Files that sources bring; a run that took one in keeps what it needs. */
    incoming: createBucket("incoming", { isProd, key, rules: [expire(settings.incomingDays)] }),
    /** What Glue runs. */
    code: createBucket("code", { isProd, key, rules: [tidy] }),
    /** Pseudonyms and counts alone: what is locked cannot be erased. */
    evidence: createBucket("evidence", {
      isProd,
      key: keys.evidence,
      rules: [tidy],
      lock: settings.evidenceLock,
    }),
  };
}
export type Storage = ReturnType<typeof createStorage>;
