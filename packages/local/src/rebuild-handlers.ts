// The handlers of the rebuild, each under the name of its task.

export { handler as acquireLease } from "@steward/functions/rebuild/acquire-lease.ts";
export { handler as awaitWrites } from "@steward/functions/rebuild/await-writes.ts";
export { handler as catchUpStream } from "@steward/functions/rebuild/catch-up-stream.ts";
export { handler as enqueueChunks } from "@steward/functions/rebuild/enqueue-chunks.ts";
export { handler as failRun } from "@steward/functions/rebuild/fail-run.ts";
export { handler as finishRun } from "@steward/functions/rebuild/finish-run.ts";
export { handler as planRebuild } from "@steward/functions/rebuild/plan-rebuild.ts";
export { handler as verifyRebuild } from "@steward/functions/rebuild/verify-rebuild.ts";
