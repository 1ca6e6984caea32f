// The worker: chunk references from the queue, written one after the other; those that did not settle come again.

import middy from "@middy/core";
import { chunkReference, toPlainFailure, writeChunk } from "@steward/core";
import { z } from "zod";
import { currentScope } from "../_runtime/scope.ts";

/** What SQS hands to Lambda, as far as it matters here. */
const sqsEvent = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      attributes: z.object({ ApproximateReceiveCount: z.coerce.number() }),
    }),
  ),
});

export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export type WorkerHandler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
) => Promise<BatchResponse>;

/** The write path keeps the deadline itself, and what is under way at it is waited for: nothing is cut off in the middle. */
const NO_EARLY_END = { timeoutEarlyInMillis: 0 };

export const handler = middy(NO_EARLY_END).handler(async (event: unknown, context: unknown) => {
  const { ports, log } = currentScope();
  const remainingMs = (context as { getRemainingTimeInMillis(): number }).getRemainingTimeInMillis();
  const deadlineMs = ports.timer.nowMs() + Math.min(remainingMs, ports.settings.workerLifeMs);
  const failures: { itemIdentifier: string }[] = [];
  for (const { messageId, body, attributes } of sqsEvent.parse(event).Records) {
    try {
      const reference = chunkReference.parse(JSON.parse(body));
      const isLastDelivery = attributes.ApproximateReceiveCount >= ports.settings.maxReceives;
      const result = await writeChunk(ports, reference, { deadlineMs, isLastDelivery });
      log({
        level: "info",
        message: "chunk",
        result: result.kind,
        run: reference.runId,
        chunk: reference.chunk,
      });
      if (result.kind === "retry") failures.push({ itemIdentifier: messageId });
    } catch (error) {
      log({ level: "error", message: "chunk failed", error: toPlainFailure(error).name });
      failures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures: failures };
}) as unknown as WorkerHandler; // middy's own type names AWS's event and context types
