// Decides which Kinesis stream holds the events of a source. Leaves reading and appending to kinesis-stream.ts.

import { KinesisClient } from "@aws-sdk/client-kinesis";
import type { Streams, Timer } from "@steward/core";
import { type AwsClientOptions, clientSettings, STREAM_CALLS } from "../aws/client-settings.ts";
import { KinesisStream } from "./kinesis-stream.ts";

export interface KinesisStreamsOptions {
  readonly client: KinesisClient;
  /** The name of the stream of a source. */
  readonly streamName: (source: string) => string;
  /** As the streams are made with. Default 168 hours. */
  readonly retentionMs?: number;
  readonly timer: Timer;
}

const RETENTION_MS = 168 * 3_600_000;

export function createKinesisClient(options: AwsClientOptions = {}): KinesisClient {
  return new KinesisClient(clientSettings(options, STREAM_CALLS));
}

export class KinesisStreams implements Streams {
  readonly retentionMs: number;
  readonly #options: KinesisStreamsOptions;
  readonly #open = new Map<string, KinesisStream>();

  constructor(options: KinesisStreamsOptions) {
    this.#options = options;
    this.retentionMs = options.retentionMs ?? RETENTION_MS;
  }

  get(source: string): KinesisStream {
    const known = this.#open.get(source);
    if (known !== undefined) return known;
    const { client, timer, streamName } = this.#options;
    const stream = new KinesisStream({ client, timer, name: streamName(source) });
    this.#open.set(source, stream);
    return stream;
  }
}
