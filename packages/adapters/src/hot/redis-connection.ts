// Decides how Redis is reached: one server or a cluster, opened at the first use, with every wait bounded.
// Leaves keys, values and scripts to the stores; no key or value is in an error that leaves here.

import { InvalidInputError, UnavailableError } from "@steward/core";
import { Cluster, Redis } from "ioredis";
import type { HotConnections } from "./hot-connections.ts";
import { type RedisTokens, TokenKeeper } from "./redis-tokens.ts";

export type RedisClient = Redis | Cluster;

export type RedisAddress =
  | { readonly kind: "server"; readonly url: string }
  /** Some of the cluster's nodes (or its configuration endpoint); the others are found from them. */
  | { readonly kind: "cluster"; readonly urls: readonly string[] };

export interface RedisConnectionOptions {
  readonly connectTimeoutMs?: number;
  /** From the call to its answer, waiting for a connection included. */
  readonly commandTimeoutMs?: number;
  /** Whether a server is asked (INFO) if it has loaded its data before it is used; default: yes. A tenant's reader may not ask. */
  readonly readyCheck?: boolean;
  /** Certificates, PEM, of who may vouch for a `rediss` server, instead of those that Node knows. */
  readonly ca?: string;
  /** In place of the address's user and password. */
  readonly tokens?: RedisTokens;
  /** By which the age of a token is told. Default: the machine's clock. */
  readonly nowMs?: () => number;
}

/** A connection within a data centre takes about a millisecond; a node that is slower than this is gone. */
const CONNECT_TIMEOUT_MS = 2_000;
/** A script over a full batch takes about a millisecond; this leaves room for a queue of them and a pause of the server. */
const COMMAND_TIMEOUT_MS = 3_000;
/** A call fails after this many failed attempts to reconnect; its caller decides about more. */
const RECONNECTS_PER_CALL = 2;
const RECONNECT_DELAY_MS = 100;
const MAX_RECONNECT_DELAY_MS = 1_000;
/** Enough for a slot that moves; a failover (15 to 60 s) outlasts any number and is the caller's to wait for. */
const MAX_REDIRECTIONS = 5;

const UNAVAILABLE_NAMES = new Set(["MaxRetriesPerRequestError", "ClusterAllFailedError", "AbortError"]);
const UNAVAILABLE_MESSAGES = [
  "Connection is closed.",
  "Command timed out",
  "Too many Cluster redirections",
  "None of startup nodes is available",
  "Cluster is ended",
];
/** Replies of a server that is starting, failing over, full or busy. */
const UNAVAILABLE_REPLY =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|OOM|NOREPLICAS|MISCONF) /;
const NETWORK_CODE = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN)/;

/** Reads `redis[s]://[user:password@]host:port[/db]`; several, separated by commas, or one with `?cluster=true`, name a cluster. */
export function parseRedisAddress(text: string): RedisAddress {
  const urls = text.split(",").map((part) => part.trim());
  const first = toUrl(urls[0] ?? "");
  for (const url of urls) toUrl(url);
  const isCluster = urls.length > 1 || first.searchParams.get("cluster") === "true";
  return isCluster ? { kind: "cluster", urls } : { kind: "server", url: urls[0] ?? "" };
}

/** One connection to Redis, shared by the adapters that use it. Whoever opens it closes it. */
export class RedisConnection implements HotConnections {
  readonly #client: RedisClient;
  readonly #tokens: TokenKeeper | undefined;
  /** Why the last connection did not come about: a word, such as ECONNREFUSED or WRONGPASS. */
  #lastFault: string | undefined;

  constructor(address: RedisAddress, options: RedisConnectionOptions = {}) {
    this.#client =
      address.kind === "server" ? openServer(address.url, options) : openCluster(address.urls, options);
    // Every failed call says so itself; without a listener the same error would end the process.
    for (const event of ["error", "node error"])
      this.#client.on(event, (error: Error) => {
        this.#lastFault = toFault(error) ?? this.#lastFault;
      });
    this.#client.on("ready", () => {
      this.#lastFault = undefined;
    });
    this.#tokens = options.tokens && new TokenKeeper(this.#client, options.tokens, options.nowMs ?? Date.now);
  }

  /** What `work` gives. @throws UnavailableError when Redis did not answer or is not able to; other errors as they are. */
  async run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.#tokens !== undefined) await this.#tokens.ensureFresh();
    // A cluster that could not be reached stays ended until it is asked again.
    if (this.#client.status === "end") this.#client.connect().catch(() => {});
    try {
      return await work(this.#client);
    } catch (error) {
      throw translate(error, this.#lastFault);
    }
  }

  /** The server, or every master of the cluster. @throws UnavailableError */
  async masters(): Promise<readonly Redis[]> {
    return this.run(async (client) => {
      await client.ping();
      return client instanceof Cluster ? client.nodes("master") : [client];
    });
  }

  /** Itself: one connection for all owners. */
  of(_owner: string): RedisConnection {
    return this;
  }

  places(): readonly RedisConnection[] {
    return [this];
  }

  /** Drops the connection; calls still under way fail. */
  close(): void {
    this.#tokens?.stop();
    this.#client.disconnect();
  }
}

function openServer(url: string, options: RedisConnectionOptions): Redis {
  return new Redis({
    ...endpoint(url, options),
    ...commonOptions(options),
    lazyConnect: true,
    retryStrategy: (attempt) => Math.min(RECONNECT_DELAY_MS * attempt, MAX_RECONNECT_DELAY_MS),
  });
}

function openCluster(urls: readonly string[], options: RedisConnectionOptions): Cluster {
  const endpoints = urls.map((url) => endpoint(url, options));
  const { host: _host, port: _port, db: _db, ...shared } = endpoints[0] ?? {};
  return new Cluster(
    endpoints.map(({ host, port }) => ({ host, port })),
    {
      lazyConnect: true,
      redisOptions: { ...shared, ...commonOptions(options) },
      maxRedirections: MAX_REDIRECTIONS,
      retryDelayOnFailover: RECONNECT_DELAY_MS,
      retryDelayOnClusterDown: RECONNECT_DELAY_MS,
      clusterRetryStrategy: (attempt) =>
        attempt > RECONNECTS_PER_CALL ? null : RECONNECT_DELAY_MS * attempt,
      // The certificate of a managed cluster names its hosts, not their addresses.
      dnsLookup: (host, found) => found(null, host),
    },
  );
}

function commonOptions(options: RedisConnectionOptions) {
  return {
    connectTimeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    commandTimeout: options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: RECONNECTS_PER_CALL,
    enableReadyCheck: options.readyCheck ?? true,
    // CLIENT SETINFO came with 7.2: an ACL rule for it would be refused by 7.0, and without one each connection is refused a call.
    disableClientInfo: true,
  };
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly db?: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly ca?: string };
}

function endpoint(text: string, { ca }: RedisConnectionOptions): Endpoint {
  const url = toUrl(text);
  const db = url.pathname.slice(1);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 6379 : Number(url.port),
    ...(db === "" ? {} : { db: Number(db) }),
    ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === "rediss:" ? { tls: ca === undefined ? {} : { ca } } : {}),
  };
}

function toUrl(text: string): URL {
  const url = URL.parse(text);
  if (
    url === null ||
    !/^rediss?:$/.test(url.protocol) ||
    url.hostname === "" ||
    !/^\/?\d*$/.test(url.pathname)
  ) {
    // The text itself may hold a password.
    throw new InvalidInputError(
      "Redis address: must be redis://host:port or rediss://host:port, or several with commas",
    );
  }
  return url;
}

function translate(error: unknown, lastFault: string | undefined): unknown {
  if (!(error instanceof Error)) return error;
  withoutArguments(error);
  if (!isUnavailable(error)) return error;
  const reason = error.name === "MaxRetriesPerRequestError" ? "no connection" : error.message;
  const why = lastFault === undefined || reason.includes(lastFault) ? "" : ` (${lastFault})`;
  return new UnavailableError(`Redis cannot be used: ${reason}${why}`, { cause: error });
}

/** The code of a network's or a certificate's error, or the first word of a server's refusal. */
function toFault(
  error: Error & { readonly code?: unknown; readonly lastNodeError?: unknown },
): string | undefined {
  if (error.lastNodeError instanceof Error) return toFault(error.lastNodeError);
  if (typeof error.code === "string") return error.code;
  return /^[A-Z]{4,}(?= )/.exec(error.message)?.[0];
}

function isUnavailable(error: Error & { readonly code?: unknown }): boolean {
  return (
    UNAVAILABLE_NAMES.has(error.name) ||
    UNAVAILABLE_REPLY.test(error.message) ||
    UNAVAILABLE_MESSAGES.some((message) => error.message.startsWith(message)) ||
    (typeof error.code === "string" && NETWORK_CODE.test(error.code))
  );
}

/** ioredis hangs the command, keys and values included, on the error of its reply; some replies quote arguments too. */
function withoutArguments(error: Error & { command?: unknown }): void {
  delete error.command;
  const message = error.message.replace(/, with args beginning with:.*$/s, "");
  if (message === error.message) return;
  error.message = message;
  error.stack = `${error.name}: ${message}`;
}
