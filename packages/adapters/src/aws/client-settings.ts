// Decides how AWS is called by every adapter: time-outs, tries and connections, each set on purpose.
// Leaves the calls to the adapters, and what their errors mean to call-failure.ts.

import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";

export interface AwsClientOptions {
  /** Default: what the environment says (AWS_REGION). */
  readonly region?: string;
  /** Default: that of AWS, or of the AWS_ENDPOINT_URL variables. */
  readonly endpoint?: string;
  readonly credentials?: NonNullable<S3ClientConfig["credentials"]>;
}

export interface CallSettings {
  /** From the first byte of a request, its body included, until an answer begins. */
  readonly requestTimeoutMs: number;
  /** Between two bytes of the answer. */
  readonly socketTimeoutMs: number;
  /** The first try included. */
  readonly maxAttempts: number;
  readonly maxSockets: number;
}

/** A connection within a region takes a few milliseconds: one that takes longer is lost. */
const CONNECTION_TIMEOUT_MS = 2_000;

// Core tries steps, chunks and messages again, never one call to a store of these: so the tries below multiply nothing.
// What core does try call by call, the online store, has settings of its own (online/feature-store-clients.ts).

/** Small calls to services that answer within 100 ms. Four tries outlast a burst of throttles (waits of 0.1 to 1 s), not an outage. */
export const BRIEF_CALLS: CallSettings = {
  requestTimeoutMs: 5_000,
  socketTimeoutMs: 5_000,
  maxAttempts: 4,
  maxSockets: 16,
};

/** An item takes single-digit milliseconds: a try that is silent for 2 s is lost, and more tries fit into the same time.
 * As many sockets as a worker has calls under way. */
export const LEDGER_CALLS: CallSettings = {
  requestTimeoutMs: 2_000,
  socketTimeoutMs: 2_000,
  maxAttempts: 6,
  maxSockets: 48,
};

/** A part of 16 MiB still arrives at 1 MB/s; a body that stalls for 10 s is lost. */
export const OBJECT_CALLS: CallSettings = {
  requestTimeoutMs: 20_000,
  socketTimeoutMs: 10_000,
  maxAttempts: 4,
  maxSockets: 32,
};

/** A receive waits a second on purpose, or up to 20 where it is told to. */
export const QUEUE_CALLS: CallSettings = {
  requestTimeoutMs: 25_000,
  socketTimeoutMs: 25_000,
  maxAttempts: 4,
  maxSockets: 16,
};

/** An answer may hold 10 MiB. GetRecords and GetShardIterator take 5 calls a second a shard: a few tries outlast that second. */
export const STREAM_CALLS: CallSettings = {
  requestTimeoutMs: 10_000,
  socketTimeoutMs: 10_000,
  maxAttempts: 5,
  maxSockets: 16,
};

/** What every client of AWS is made with: `new KMSClient(clientSettings(options, BRIEF_CALLS))`. */
export function clientSettings(
  { region, endpoint, credentials }: AwsClientOptions,
  { requestTimeoutMs, socketTimeoutMs, maxAttempts, maxSockets }: CallSettings,
) {
  // Kept alive: a TLS handshake costs more than a call.
  const agent = { keepAlive: true, maxSockets };
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    retryMode: "standard",
    maxAttempts,
    // HTTP/1.1 for all: Kinesis' client would speak HTTP/2, whose time-outs are others.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: requestTimeoutMs,
      // Without it the client only logs a warning and waits on.
      throwOnRequestTimeout: true,
      socketTimeout: socketTimeoutMs,
      httpAgent: agent,
      httpsAgent: agent,
    }),
  };
}
