// All ports together: what a step of a workflow is given. A step names the few that it uses.

import type { BatchEngine } from "./batch-engine.ts";
import type { Clock } from "./clock.ts";
import type { Definitions } from "./definitions.ts";
import type { ErasureFiles } from "./erasure-files.ts";
import type { Holders } from "./holders.ts";
import type { HotStore } from "./hot-store.ts";
import type { Ids } from "./ids.ts";
import type { Incoming } from "./incoming.ts";
import type { Ledger } from "./ledger.ts";
import type { MetricHistory } from "./metric-history.ts";
import type { Metrics } from "./metrics.ts";
import type { ObjectStore } from "./object-store.ts";
import type { OfflineFiles } from "./offline-files.ts";
import type { OnlineStore } from "./online-store.ts";
import type { Pacer } from "./pacer.ts";
import type { Pager } from "./pager.ts";
import type { Pseudonymiser } from "./pseudonymiser.ts";
import type { Queue } from "./queue.ts";
import type { Sealer } from "./sealer.ts";
import type { Signer } from "./signer.ts";
import type { StateMachines } from "./state-machines.ts";
import type { Streams } from "./stream.ts";
import type { Timer } from "./timer.ts";

/** Operator's choices, each with a default in defaults.ts beside the job that uses it. */
export interface Settings {
  /** Set-aside rows of one command above this share of its rows fail the run. */
  readonly setAsideThreshold: number;
  /** Records of one chunk: what one message makes a worker write. */
  readonly chunkRecords: number;
  /** Records of one offline file, and of one of its row groups. */
  readonly rowsPerFile: number;
  readonly rowsPerRowGroup: number;
  /** Write units (1 KB) a second of a group over all workers; undefined: as fast as the stores take them. */
  readonly unitsPerSecond: number | undefined;
  /** A worker starts no call later than this after it received a message. */
  readonly workerLifeMs: number;
  /** Receipts of one message before it becomes a dead letter. */
  readonly maxReceives: number;
  /** A lease lapses this long after it was last renewed. */
  readonly leaseMs: number;
  /** How long the online store may hold a row that is bound for the offline store. */
  readonly offlineBufferMs: number;
  /** Rows that were set aside are kept so long: an erasure cannot find a person in what cannot be read. */
  readonly setAsideLifeMs: number;
  /** How often freshness is measured; what waits for measures waits for so many periods. */
  readonly checkPeriodMs: number;
  /** Remedies that a group may get in 24 hours before a person is paged. */
  readonly remedyBudget: number;
  /** Real time after which a run in which nothing moves is stuck. */
  readonly runStuckMs: number;
}

export interface Ports {
  readonly batchEngine: BatchEngine;
  readonly clock: Clock;
  readonly definitions: Definitions;
  readonly erasureFiles: ErasureFiles;
  readonly holders: Holders;
  readonly hotStore: HotStore;
  readonly incoming: Incoming;
  readonly ledger: Ledger;
  readonly metricHistory: MetricHistory;
  readonly metrics: Metrics;
  readonly objects: ObjectStore;
  readonly offlineFiles: OfflineFiles;
  readonly onlineStore: OnlineStore;
  readonly pacer: Pacer;
  readonly pager: Pager;
  readonly pseudonymiser: Pseudonymiser;
  readonly chunkQueue: Queue;
  readonly sealer: Sealer;
  readonly signer: Signer;
  readonly streams: Streams;
  readonly timer: Timer;
  readonly settings: Settings;
}

/** What a person's commands need beside them: runs are created and their executions started. */
export interface ControlPorts extends Ports {
  readonly ids: Ids;
  readonly stateMachines: StateMachines;
}
