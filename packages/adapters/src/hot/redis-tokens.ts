// Decides when a connection to Redis gets another token: before each new connection one that is still good, and over the
// connections that stand, again by AUTH, long before the server would drop them.

import { UnavailableError } from "@steward/core";
import { Cluster, type Redis } from "ioredis";

/** Who a connection says it is, where passwords end. */
export interface RedisTokens {
  readonly username: string;
  /** A token that is good from now on for a quarter of an hour. */
  token(): Promise<string>;
}

/** A token opens connections for 15 minutes, and a connection that it opened ends after 12 hours unless it is given another.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html, read 2026-11-25. */
export const TOKEN_REFRESH_MS = 10 * 60_000;
const TOKEN_LIFE_MS = 15 * 60_000;
export const REAUTHENTICATION_MS = 6 * 3_600_000;

/**
 * The client knows one password for all its connections and takes it when it opens one, also by itself after a loss. So it is
 * changed under it in time: before a call, and by a timer for a process that waits. A function that was frozen for hours has
 * another before its first call.
 */
export class TokenKeeper {
  readonly #client: Redis | Cluster;
  readonly #tokens: RedisTokens;
  readonly #nowMs: () => number;
  #token = "";
  #takenMs = Number.NEGATIVE_INFINITY;
  #authenticatedMs = Number.POSITIVE_INFINITY;
  #taking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Redis | Cluster, tokens: RedisTokens, nowMs: () => number) {
    this.#client = client;
    this.#tokens = tokens;
    this.#nowMs = nowMs;
    // Heard before the node is connected to.
    client.on("+node", (node: Redis) => this.#give(node));
  }

  /** Returns once the client has a token to connect with. @throws UnavailableError when there is none. */
  async ensureFresh(): Promise<void> {
    this.#timer ??= setInterval(() => this.ensureFresh().catch(() => {}), TOKEN_REFRESH_MS).unref();
    if (this.#nowMs() - this.#takenMs < TOKEN_REFRESH_MS) return;
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined;
    });
    await this.#taking;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #take(): Promise<void> {
    const startedMs = this.#nowMs();
    try {
      this.#token = await this.#tokens.token();
    } catch (error) {
      // The one at hand may be good for some minutes more.
      if (startedMs - this.#takenMs < TOKEN_LIFE_MS) return;
      throw new UnavailableError("no token could be had to connect to Redis", { cause: error });
    }
    this.#takenMs = startedMs;
    const nodes = this.#client instanceof Cluster ? this.#client.nodes("all") : [this.#client];
    for (const node of nodes) this.#give(node);
    await this.#reauthenticate(nodes, startedMs);
  }

  #give(node: Redis): void {
    node.options.username = this.#tokens.username;
    node.options.password = this.#token;
  }

  /** No connection is older than its last AUTH by more than the time between two rounds, and a refusal is made good in the next. */
  async #reauthenticate(nodes: readonly Redis[], nowMs: number): Promise<void> {
    this.#authenticatedMs = Math.min(this.#authenticatedMs, nowMs);
    if (nowMs - this.#authenticatedMs < REAUTHENTICATION_MS) return;
    const ready = nodes.filter(({ status }) => status === "ready");
    const results = await Promise.allSettled(
      ready.map((node) => node.auth(this.#tokens.username, this.#token)),
    );
    if (results.every(({ status }) => status === "fulfilled")) this.#authenticatedMs = nowMs;
  }
}
