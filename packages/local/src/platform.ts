// Decides how the whole platform is put together in one process: adapters, handlers, state machines, workers.

import { appendFileSync } from "node:fs";
import {
  AesSealer,
  createFeatureStoreClients,
  DrivenClock,
  DuckDbBatchEngine,
  DuckDbOfflineFiles,
  DuckDbRowEraser,
  ensureKeyFile,
  ensureSigningKeyFile,
  FolderIncoming,
  FolderObjectStore,
  HmacPseudonymiser,
  InterpreterStateMachines,
  JsonlMetrics,
  KeyFileSigner,
  ParquetErasureFiles,
  parseRedisAddress,
  publishKey,
  RedisConnection,
  RedisHotStore,
  RedisPacer,
  SageMakerOnlineStore,
  SqliteLedger,
  SqliteQueue,
  SqliteStreams,
  SystemTimer,
  TimeSortedIds,
} from "@steward/adapters";
import {
  type BatchEngine,
  type ControlPorts,
  type EpochMs,
  executionName,
  type FeatureGroup,
  GroupList,
  getRun,
  type Run,
  reseedSuppressions,
  type Settings,
  type Target,
  toIso,
  toSettings,
} from "@steward/core";
import { type Scope, withScope } from "@steward/functions/_runtime/scope.ts";
import { type StreamConsumers, startStreamConsumers } from "@steward/functions/_runtime/stream-consumers.ts";
import { buildWorkflows } from "@steward/workflows/inventory.ts";
import { type ApiWatch, startApiWatch } from "./api-watch.ts";
import { type Proof, saveCertificate } from "./certificate-file.ts";
import { localHolders } from "./holders.ts";
import { openPager } from "./pager.ts";
import { leaveScratchFolder, openScratchFolder } from "./scratch-folder.ts";
import { driveFeatureStoreClock, flushOfflineRows, offlineDelayOf } from "./services/feature-store-server.ts";
import { joinServices, leaveServices, type Services } from "./services/services.ts";
import { openStateFolder, type StateFolder } from "./state-folder.ts";
import { LOCAL_RESOURCES, taskHandlers } from "./tasks.ts";
import { type Concern, Upkeep } from "./upkeep.ts";
import { wipeStore } from "./wipe.ts";
import { startWorkers, type Workers } from "./worker.ts";

export interface PlatformOptions {
  readonly stateDir: string;
  readonly groups: readonly FeatureGroup[];
  readonly settings?: Partial<Settings>;
  /** Drives the platform's clock to this instant; it stands there until it is driven again, and never goes back. */
  readonly clockMs?: EpochMs;
  /** What DuckDB's sorts and tables may hold before they spill: `512MB`. */
  readonly memoryLimit?: string;
  /** How long the emulator, if this platform starts it, holds rows bound for the offline store. Default: 1000. */
  readonly offlineDelayMs?: number;
  /** Default: 7 days. */
  readonly streamRetentionMs?: number;
  /** Real time between two looks of the upkeep, for a clock that is driven fast. Default: each concern's own. */
  readonly upkeepMs?: number;
  /** A drill: puts something before the batch engine. */
  readonly engine?: (engine: BatchEngine) => BatchEngine;
  readonly onState?: (machine: string, execution: string, state: string) => void;
}

export interface Platform {
  readonly folder: StateFolder;
  readonly ports: ControlPorts;
  readonly services: Services;
  /** From now on this process drains the chunk queue. */
  startWorkers(): void;
  /** From now on this process consumes the streams of the groups that one feeds, unless another process does. */
  startStreams(): void;
  /** From now on this process repairs the hot store where a flush, a restart or a failover took fences or deletions. */
  startHotWatch(): void;
  /** From now on this process does what is due now and then: what schedules do in an account. */
  startUpkeep(): void;
  /** A drill: one concern is looked after no longer, until `startUpkeep`. */
  stopUpkeep(concern: Concern): Promise<void>;
  /** From now on this process answers HTTP on loopback, unless another of this folder does; the address. */
  startApi(): Promise<string>;
  /** Writes the certificate of an erasure to a file and says where that and the public key lie; undefined: there is none yet. */
  saveCertificate(requestId: string): Promise<Proof | undefined>;
  /** Waits for the run's execution, held by this process, to end. */
  settled(run: Run): Promise<Run>;
  /** Starts a server again that has died, where its users look for it. */
  ensureServices(): Promise<void>;
  /** A drill: empties a store of all that the groups have there; how much went. */
  wipe(store: Target): Promise<number>;
  /** Stops workers and executions (they can be resumed); the last user of the folder stops its servers. */
  close(): Promise<void>;
}

const OFFLINE_URI = "s3://steward/offline";
const REGION = "us-east-1";
/** A chunk takes a fraction of a second here, and every erasure waits so long. */
const WORKER_LIFE_MS = 5_000;
const LOCAL_ROLE = "arn:aws:iam::000000000000:role/steward-local";

/** Starts or adopts the servers and wires everything. @throws UnavailableError when a server cannot be had, InvalidInputError for an unusable state folder or a clock that would go back. */
export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const folder = openStateFolder(options.stateDir);
  const definitions = new GroupList(options.groups);
  const timer = new SystemTimer();
  const clock = new DrivenClock({ file: folder.clock, timer });
  if (options.clockMs !== undefined) clock.set(options.clockMs);
  const services = await joinServices(folder, options.offlineDelayMs);
  await driveFeatureStoreClock(services.featureStore.url, clock.isDriven() ? clock.now() : undefined);
  const offlineBufferMs = await offlineDelayOf(services.featureStore.url);
  const settings = toSettings({ offlineBufferMs, workerLifeMs: WORKER_LIFE_MS, ...options.settings });
  const ledger = new SqliteLedger({ file: folder.ledger });
  const objects = new FolderObjectStore({ root: folder.objects, timer });
  await reseedSuppressions({ ledger, objects });
  const chunkQueue = new SqliteQueue({
    file: folder.queue,
    name: "chunks",
    maxReceives: settings.maxReceives,
    timer,
  });
  const pseudonymiser = new HmacPseudonymiser(
    ensureKeyFile({ folder: folder.secrets, purpose: "suppression" }),
  );
  const signer = new KeyFileSigner(ensureSigningKeyFile({ folder: folder.secrets, purpose: "certificate" }));
  publishKey(folder.certificateKey, signer.publicKeyPem);
  const redis = new RedisConnection(parseRedisAddress(services.redis.url));
  const scratch = openScratchFolder(folder.scratch);
  const { memoryLimit } = options;
  const streams = new SqliteStreams({
    file: folder.stream,
    clock,
    ...(options.streamRetentionMs === undefined ? {} : { retentionMs: options.streamRetentionMs }),
  });
  const duckdb = { objects, pseudonymiser, scratch, ...(memoryLimit === undefined ? {} : { memoryLimit }) };
  const offlineFiles = new DuckDbOfflineFiles(duckdb);
  const log: Scope["log"] = (entry) =>
    appendFileSync(folder.log, `${JSON.stringify({ at: toIso(timer.nowMs() as EpochMs), ...entry })}\n`, {
      mode: 0o600,
    });
  const metrics = new JsonlMetrics({ file: folder.metrics });
  const engine = new DuckDbBatchEngine(duckdb);
  const base = {
    batchEngine: options.engine?.(engine) ?? engine,
    chunkQueue,
    clock,
    definitions,
    erasureFiles: new ParquetErasureFiles({ objects, eraser: new DuckDbRowEraser(duckdb), scratch }),
    holders: localHolders(),
    hotStore: new RedisHotStore(redis),
    ids: new TimeSortedIds({ timer }),
    incoming: new FolderIncoming({ root: folder.incoming, timer }),
    ledger,
    metricHistory: metrics,
    metrics,
    objects,
    offlineFiles,
    onlineStore: new SageMakerOnlineStore({
      ...createFeatureStoreClients({
        endpoint: services.featureStore.url,
        region: REGION,
        credentials: { accessKeyId: "local", secretAccessKey: "local" },
      }),
      placement: { offlineUri: OFFLINE_URI, roleArn: LOCAL_ROLE },
      flushOffline: () => flushOfflineRows(services.featureStore.url),
    }),
    pacer: new RedisPacer(redis),
    pager: openPager({ file: folder.pages, clock, log }),
    pseudonymiser,
    sealer: new AesSealer(ensureKeyFile({ folder: folder.secrets, purpose: "seal" })),
    settings,
    signer,
    streams,
    timer,
  };
  const scope: Scope = { ports: base, log, control: () => ({ ...base, stateMachines }) };
  const stateMachines = new InterpreterStateMachines({
    ledger,
    machines: buildWorkflows(LOCAL_RESOURCES),
    tasks: taskHandlers(scope),
    ...(options.onState === undefined ? {} : { onState: options.onState }),
  });
  let workers: Workers | undefined;
  let consumers: StreamConsumers | undefined;
  const upkeep = new Upkeep(scope, { ...base, stateMachines }, options.upkeepMs);
  let api: ApiWatch | undefined;
  return {
    folder,
    ports: { ...base, stateMachines },
    services,
    startWorkers() {
      workers ??= startWorkers(base, (work) => withScope(scope, work));
    },
    startStreams() {
      consumers ??= startStreamConsumers(base, scope.log);
    },
    startHotWatch() {
      upkeep.start(["hot"]);
    },
    startUpkeep() {
      upkeep.start();
    },
    stopUpkeep(concern) {
      return upkeep.stop([concern]);
    },
    async startApi() {
      api ??= await startApiWatch(folder, { ...base, stateMachines }, scope.log);
      return api.url;
    },
    saveCertificate(requestId) {
      return saveCertificate(folder, base, requestId);
    },
    async settled(run) {
      await stateMachines.settled(run.workflow, executionName(run));
      return getRun(ledger, run.runId);
    },
    async ensureServices() {
      await joinServices(folder, options.offlineDelayMs);
    },
    wipe(store) {
      return wipeStore({ redis, onlineStore: base.onlineStore, definitions }, store);
    },
    async close() {
      await api?.stop(); // first: nothing new is asked for
      await upkeep.stop();
      await Promise.all([stateMachines.close(), workers?.stop(), consumers?.stop()]);
      await redis.close();
      await offlineFiles.close();
      for (const closing of [chunkQueue, streams, objects, ledger]) closing.close();
      leaveScratchFolder(scratch);
      await leaveServices(folder);
    },
  };
}
