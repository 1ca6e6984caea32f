// The public face of the adapters: an explicit list.

export type { DuckDbBatchEngineOptions } from "./duckdb/duckdb-batch-engine.ts";
export { DuckDbBatchEngine } from "./duckdb/duckdb-batch-engine.ts";
export type { DuckDbOfflineFilesOptions } from "./duckdb/duckdb-offline-files.ts";
export { DuckDbOfflineFiles } from "./duckdb/duckdb-offline-files.ts";
export type { RedisAddress, RedisTimeouts } from "./hot/redis-connection.ts";
export { parseRedisAddress, RedisConnection } from "./hot/redis-connection.ts";
export type { RedisHotStoreOptions } from "./hot/redis-hot-store.ts";
export { RedisHotStore } from "./hot/redis-hot-store.ts";
export { TimeSortedIds } from "./ids/time-sorted-ids.ts";
export { SqliteLedger } from "./ledger/sqlite-ledger.ts";
export { JsonlMetrics } from "./metrics/jsonl-metrics.ts";
export { FolderObjectStore } from "./objects/folder-object-store.ts";
export type { ProcessIdentity } from "./process/process-identity.ts";
export { currentProcess, identifyProcess, isAlive } from "./process/process-identity.ts";
export { SqliteQueue } from "./queue/sqlite-queue.ts";
export { HmacPseudonymiser } from "./secrets/hmac-pseudonymiser.ts";
export { ensureKeyFile } from "./secrets/key-file.ts";
export type { InterpreterStateMachinesOptions } from "./state-machines/interpreter-state-machines.ts";
export { InterpreterStateMachines } from "./state-machines/interpreter-state-machines.ts";
export type { SfnClientOptions } from "./state-machines/sfn-client.ts";
export { createSfnClient } from "./state-machines/sfn-client.ts";
export type { SfnStateMachinesOptions } from "./state-machines/sfn-state-machines.ts";
export { SfnStateMachines } from "./state-machines/sfn-state-machines.ts";
export { SqliteStream } from "./stream/sqlite-stream.ts";
export { DrivenClock } from "./time/driven-clock.ts";
export { SystemTimer } from "./time/system-timer.ts";
