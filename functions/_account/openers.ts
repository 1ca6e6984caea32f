// All openers, by port. The entry of a function imports those of its ports alone, each from its own file.

import { openStateMachines } from "./control.ts";
import { openBatchEngine, openErasureFiles, openOfflineFiles } from "./files.ts";
import type { Openers } from "./in-account.ts";
import { openPseudonymiser, openSealer, openSigner } from "./secrets.ts";
import { openMetricHistory, openMetrics, openPager } from "./signals.ts";
import { openChunkQueue, openIncoming, openLedger, openObjects, openStreams } from "./storage.ts";
import { openHotStore, openOnlineStore, openPacer } from "./stores.ts";

export const OPENERS = {
  batchEngine: openBatchEngine,
  chunkQueue: openChunkQueue,
  erasureFiles: openErasureFiles,
  hotStore: openHotStore,
  incoming: openIncoming,
  ledger: openLedger,
  metricHistory: openMetricHistory,
  metrics: openMetrics,
  objects: openObjects,
  offlineFiles: openOfflineFiles,
  onlineStore: openOnlineStore,
  pacer: openPacer,
  pager: openPager,
  pseudonymiser: openPseudonymiser,
  sealer: openSealer,
  signer: openSigner,
  stateMachines: openStateMachines,
  streams: openStreams,
} as const satisfies Required<Openers>;
