// Decides how the streams of a platform are consumed in one process: a loop a group, which waits while another process
// has the stream, and goes on from what is saved.

import { setTimeout as sleep } from "node:timers/promises";
import {
  backoffMs,
  type ControlPorts,
  closeStream,
  consumePage,
  type FeatureGroup,
  keepStream,
  openStream,
  REDELIVERY_BACKOFF,
  type StreamHold,
} from "@steward/core";
import type { Scope } from "./scope.ts";

/** After a page without an event: Kinesis answers five reads a second and shard (Kinesis quotas, from memory). */
const IDLE_MS = 250;
/** Between two tries to take a stream that another process consumes. */
const WAIT_MS = 500;
const KEEP_MS = 10_000;

export interface StreamConsumers {
  /** Begins no page more, waits for those in hand and gives the streams back. */
  stop(): Promise<void>;
}

type ConsumerPorts = Omit<ControlPorts, "stateMachines">;

export function startStreamConsumers(ports: ConsumerPorts, log: Scope["log"]): StreamConsumers {
  const stopping = new AbortController();
  const groups = ports.definitions.list().filter(({ path }) => path === "stream");
  const loops = groups.map((group) => new GroupConsumer(ports, group, log, stopping.signal).run());
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

class GroupConsumer {
  readonly #ports: ConsumerPorts;
  readonly #group: FeatureGroup;
  readonly #log: Scope["log"];
  readonly #stopping: AbortSignal;
  readonly #consumerId: string;
  #pageCount = 0;
  #failures = 0;

  constructor(ports: ConsumerPorts, group: FeatureGroup, log: Scope["log"], stopping: AbortSignal) {
    this.#ports = ports;
    this.#group = group;
    this.#log = log;
    this.#stopping = stopping;
    this.#consumerId = ports.ids.runId();
  }

  /** Whatever goes wrong with one page is said, waited out and tried again: the stream keeps the events meanwhile. */
  async run(): Promise<void> {
    while (!this.#stopping.aborted) {
      try {
        const hold = await openStream(this.#ports, this.#group, this.#consumerId);
        try {
          await this.#consume(hold);
        } finally {
          await closeStream(this.#ports, hold);
        }
      } catch (error) {
        const reason = error instanceof Error ? error.name : "Error";
        if (reason === "LeaseHeldError" || reason === "LeaseLostError") await this.#pause(WAIT_MS);
        else await this.#retryLater(reason);
      }
    }
  }

  /** Until the stop, or an error. */
  async #consume(hold: StreamHold): Promise<void> {
    const shards = await this.#ports.streams.get(this.#group.source.name).listShards();
    let keptAtMs = this.#ports.timer.nowMs();
    while (!this.#stopping.aborted) {
      if (this.#ports.timer.nowMs() - keptAtMs >= KEEP_MS) {
        await keepStream(this.#ports, hold);
        keptAtMs = this.#ports.timer.nowMs();
      }
      let isIdle = true;
      for (const shard of shards) {
        if (this.#stopping.aborted) return;
        this.#pageCount += 1;
        const outcome = await consumePage(this.#ports, hold, shard, this.#pageCount);
        if (outcome.kind === "retry") await this.#retryLater(outcome.reason);
        else if (outcome.kind === "done") this.#failures = 0;
        if (outcome.kind !== "idle") isIdle = false;
      }
      if (isIdle) await this.#pause(IDLE_MS);
    }
  }

  async #retryLater(reason: string): Promise<void> {
    this.#failures += 1;
    this.#log({ level: "error", message: "stream page", group: this.#group.name, error: reason });
    await this.#pause(backoffMs(REDELIVERY_BACKOFF, this.#failures, this.#ports.timer.fraction()));
  }

  async #pause(durationMs: number): Promise<void> {
    await sleep(durationMs, undefined, { signal: this.#stopping }).catch(() => {}); // the stop ends it
  }
}
