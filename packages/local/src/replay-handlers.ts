// The handlers of the replay, each under the name of its task.

export { handler as acquireLease } from "@steward/functions/replay/acquire-lease.ts";
export { handler as failRun } from "@steward/functions/replay/fail-run.ts";
export { handler as finishRun } from "@steward/functions/replay/finish-run.ts";
export { handler as replayStream } from "@steward/functions/replay/replay-stream.ts";
