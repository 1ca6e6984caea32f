// Decides how Feature Store is called: time-outs, tries and connections, set on purpose.
// Leaves the calls, and what their errors mean, to SageMakerOnlineStore.

import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerFeatureStoreRuntimeClient } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { type AwsClientOptions, type CallSettings, clientSettings } from "../aws/client-settings.ts";

export interface FeatureStoreClientOptions extends AwsClientOptions {
  /** A put takes single-digit milliseconds: a call that is silent for so long is lost. Default 5000. */
  readonly requestTimeoutMs?: number;
}

export interface FeatureStoreClients {
  readonly runtime: SageMakerFeatureStoreRuntimeClient;
  /** Loaded at the first use: only the creation of groups needs it. */
  readonly control: () => Promise<SageMakerClient>;
}

/** Above the 16 calls of a write and the 8 of a read, so that a second writer and a reader queue behind nobody. */
const MAX_SOCKETS = 48;
const REQUEST_TIMEOUT_MS = 5_000;

/** One try: the write path tries throttled records again itself, each with its own wait, and counts them; so do the reads.
 * A connection that the other side dropped while idle (reported after 60 s: github.com/aws/aws-sdk/issues/752) fails its
 * next call, which is then throttled and made again. */
const runtimeCalls = (timeoutMs: number): CallSettings => ({
  requestTimeoutMs: timeoutMs,
  socketTimeoutMs: timeoutMs,
  maxAttempts: 1,
  maxSockets: MAX_SOCKETS,
});

/** A handful of rare calls that nobody above tries again; CreateFeatureGroup twice is ResourceInUse, not two groups. */
const CONTROL_CALLS: CallSettings = {
  requestTimeoutMs: 10_000,
  socketTimeoutMs: 10_000,
  maxAttempts: 4,
  maxSockets: 4,
};

export function createFeatureStoreClients({
  requestTimeoutMs = REQUEST_TIMEOUT_MS,
  ...options
}: FeatureStoreClientOptions = {}): FeatureStoreClients {
  let control: Promise<SageMakerClient> | undefined;
  return {
    runtime: new SageMakerFeatureStoreRuntimeClient(clientSettings(options, runtimeCalls(requestTimeoutMs))),
    control: () => {
      control ??= import("@aws-sdk/client-sagemaker").then(
        ({ SageMakerClient }) => new SageMakerClient(clientSettings(options, CONTROL_CALLS)),
      );
      return control;
    },
  };
}
