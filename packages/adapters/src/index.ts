// The public face of the adapters: an explicit list.

export { TimeSortedIds } from "./ids/time-sorted-ids.ts";
export { SqliteLedger } from "./ledger/sqlite-ledger.ts";
export { JsonlMetrics } from "./metrics/jsonl-metrics.ts";
export { FolderObjectStore } from "./objects/folder-object-store.ts";
export { SqliteQueue } from "./queue/sqlite-queue.ts";
export { HmacPseudonymiser } from "./secrets/hmac-pseudonymiser.ts";
export { ensureKeyFile } from "./secrets/key-file.ts";
export { SqliteStream } from "./stream/sqlite-stream.ts";
export { DrivenClock } from "./time/driven-clock.ts";
export { SystemTimer } from "./time/system-timer.ts";
