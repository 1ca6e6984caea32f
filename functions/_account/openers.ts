// All openers, by port. The entry of a function imports those of its ports alone, each from its own file.

import type { Openers } from "./in-account.ts";
import { open as batchEngine } from "./ports/batch-engine.ts";
import { open as chunkQueue } from "./ports/chunk-queue.ts";
import { open as erasureFiles } from "./ports/erasure-files.ts";
import { open as hotStore } from "./ports/hot-store.ts";
import { open as incoming } from "./ports/incoming.ts";
import { open as ledger } from "./ports/ledger.ts";
import { open as metricHistory } from "./ports/metric-history.ts";
import { open as metrics } from "./ports/metrics.ts";
import { open as objects } from "./ports/objects.ts";
import { open as offlineFiles } from "./ports/offline-files.ts";
import { open as onlineStore } from "./ports/online-store.ts";
import { open as pacer } from "./ports/pacer.ts";
import { open as pager } from "./ports/pager.ts";
import { open as pseudonymiser } from "./ports/pseudonymiser.ts";
import { open as sealer } from "./ports/sealer.ts";
import { open as signer } from "./ports/signer.ts";
import { open as stateMachines } from "./ports/state-machines.ts";
import { open as streams } from "./ports/streams.ts";

export const OPENERS = {
  batchEngine,
  chunkQueue,
  erasureFiles,
  hotStore,
  incoming,
  ledger,
  metricHistory,
  metrics,
  objects,
  offlineFiles,
  onlineStore,
  pacer,
  pager,
  pseudonymiser,
  sealer,
  signer,
  stateMachines,
  streams,
} as const satisfies Required<Openers>;
