// Decides how chunks wait to be written, and where those go that nobody could write.

import { CHUNK_WORKER } from "@steward/workflows/inventory.ts";
import { tlsOnly } from "./account.ts";
import { CHUNK_DEAD_LETTERS, CHUNKS, named } from "./names.ts";
import type { StageSettings } from "./settings.ts";

const DAY_S = 86_400;

/** The time-out of the function that reads the queue of chunks, in seconds. */
export function workerSeconds({ workerLifeMs }: StageSettings["core"]): number {
  return workerLifeMs / 1_000 + CHUNK_WORKER.graceSeconds;
}

export function createQueues({ queue: { retentionDays }, core }: StageSettings, key: aws.kms.Key) {
  const create = (name: string, args: Partial<aws.sqs.QueueArgs>): aws.sqs.Queue => {
    const queue = new aws.sqs.Queue(`Queue-${name}`, {
      name: named(name),
      kmsMasterKeyId: key.arn,
      kmsDataKeyReusePeriodSeconds: 3_600,
      messageRetentionSeconds: retentionDays * DAY_S,
      ...args,
    });
    new aws.sqs.QueuePolicy(`QueuePolicy-${name}`, {
      queueUrl: queue.url,
      policy: $jsonStringify({ Version: "2012-10-17", Statement: [tlsOnly("sqs:*", [queue.arn])] }),
    });
    return queue;
  };
  const deadLetters = create(CHUNK_DEAD_LETTERS, {});
  const chunks = create(CHUNKS, {
    visibilityTimeoutSeconds: CHUNK_WORKER.visibilityFactor * workerSeconds(core),
    redrivePolicy: $jsonStringify({
      deadLetterTargetArn: deadLetters.arn,
      maxReceiveCount: core.maxReceives,
    }),
  });
  new aws.sqs.RedriveAllowPolicy("ChunkRedrive", {
    queueUrl: deadLetters.url,
    redriveAllowPolicy: $jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [chunks.arn] }),
  });
  return { chunks, deadLetters };
}
export type Queues = ReturnType<typeof createQueues>;
