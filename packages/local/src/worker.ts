// Decides how the chunk queue drives the worker: what an event source mapping of SQS does in an account.

import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { backoffMs, type Ports, type QueueMessage, REDELIVERY_BACKOFF, StewardError } from "@steward/core";
import { handler } from "@steward/functions/writing/write-chunks.ts";
import { CHUNK_WORKER } from "@steward/workflows/inventory.ts";

/** Hidden so long at a time, and renewed while the worker lives: chunks of one that was killed come back soon. */
const VISIBILITY_MS = 6_000;
const HEARTBEAT_MS = 2_000;
const IDLE_MS = 50;
/** A heap is collected when it is twice what was left of it: else a worker that writes millions keeps up to four times as much
 * before anything is taken away. Costs no time that a benchmark shows (docs/benchmarks.md). */
const HEAP_GROWING_PERCENT = 100;

export interface Workers {
  /** Takes no more messages and waits for those in hand. */
  stop(): Promise<void>;
}

/** `invoke` runs the handler with the platform's adapters. */
export function startWorkers(ports: Ports, invoke: <T>(work: () => Promise<T>) => Promise<T>): Workers {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const stopping = new AbortController();
  const loops = Array.from({ length: CHUNK_WORKER.atOnce.machine }, () =>
    loop(ports, invoke, stopping.signal),
  );
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function loop(
  ports: Ports,
  invoke: <T>(work: () => Promise<T>) => Promise<T>,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    const message = await receive(ports);
    if (message === undefined) await sleep(IDLE_MS);
    else await work(ports, invoke, message);
  }
}

async function receive(ports: Ports): Promise<QueueMessage | undefined> {
  try {
    return (await ports.chunkQueue.receive(1, VISIBILITY_MS))[0];
  } catch (error) {
    if (error instanceof StewardError && error.retryable) return undefined;
    throw error;
  }
}

async function work(
  ports: Ports,
  invoke: <T>(call: () => Promise<T>) => Promise<T>,
  message: QueueMessage,
): Promise<void> {
  const { chunkQueue, settings, timer } = ports;
  const deadlineMs = timer.nowMs() + settings.workerLifeMs;
  const heartbeat = setInterval(() => {
    if (timer.nowMs() < deadlineMs) chunkQueue.release(message.receipt, VISIBILITY_MS).catch(() => {}); // it comes again, at worst
  }, HEARTBEAT_MS);
  try {
    const event = {
      Records: [
        {
          messageId: message.id,
          body: message.body,
          attributes: { ApproximateReceiveCount: String(message.receiveCount) },
        },
      ],
    };
    const context = { getRemainingTimeInMillis: () => deadlineMs - timer.nowMs() };
    const { batchItemFailures } = await invoke(() => handler(event, context));
    clearInterval(heartbeat);
    if (batchItemFailures.length === 0) await chunkQueue.acknowledge(message.receipt);
    else
      await chunkQueue.release(
        message.receipt,
        backoffMs(REDELIVERY_BACKOFF, message.receiveCount, timer.fraction()),
      );
  } finally {
    clearInterval(heartbeat);
  }
}
