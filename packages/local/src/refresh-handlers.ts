// The handlers of the refresh, each under the name of its task.

export { handler as acquireLease } from "@steward/functions/refresh/acquire-lease.ts";
export { handler as awaitWrites } from "@steward/functions/refresh/await-writes.ts";
export { handler as checkOutput } from "@steward/functions/refresh/check-output.ts";
export { handler as commitEvents } from "@steward/functions/refresh/commit-events.ts";
export { handler as commitWatermark } from "@steward/functions/refresh/commit-watermark.ts";
export { handler as enqueueChunks } from "@steward/functions/refresh/enqueue-chunks.ts";
export { handler as failRun } from "@steward/functions/refresh/fail-run.ts";
export { handler as finishRun } from "@steward/functions/refresh/finish-run.ts";
export { handler as planRefresh } from "@steward/functions/refresh/plan-refresh.ts";
export { handler as publishOffline } from "@steward/functions/refresh/publish-offline.ts";
