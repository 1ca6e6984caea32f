// Decides how the chunk worker is fed: so many calls at once as the inventory says, which is the most that the stores see, and a chunk that
// failed comes again alone.

import { CHUNK_WORKER } from "@steward/workflows/inventory.ts";
import { WORKER } from "./function-list.ts";
import type { Functions } from "./functions.ts";
import type { Queues } from "./queues.ts";

export function createWorkers(functions: Functions, { chunks }: Queues) {
  return new aws.lambda.EventSourceMapping("ChunkSource", {
    eventSourceArn: chunks.arn,
    functionName: functions.get(WORKER).arn,
    // One chunk a call: its worker's life is counted from when it was received.
    batchSize: 1,
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: CHUNK_WORKER.atOnce.account },
  });
}
