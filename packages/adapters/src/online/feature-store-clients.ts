// Decides how Feature Store is called: time-outs, tries and connections, set on purpose.

import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerFeatureStoreRuntimeClient } from "@aws-sdk/client-sagemaker-featurestore-runtime";

export interface FeatureStoreClientOptions {
  readonly region: string;
  /** Undefined: AWS's own, or what the AWS_ENDPOINT_URL variables say. */
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface FeatureStoreClients {
  readonly runtime: SageMakerFeatureStoreRuntimeClient;
  /** Loaded at the first use: its client is ten times as large, and only the creation of groups needs it. */
  readonly control: () => Promise<SageMakerClient>;
}

/** Above the 16 calls that a write keeps in flight, so that reads do not queue behind them. */
const MAX_SOCKETS = 48;
/** A put takes single-digit milliseconds; a call that is silent for so long is lost. */
const REQUEST_TIMEOUT_MS = 5_000;
const CONNECTION_TIMEOUT_MS = 2_000;
/** One try: the write path tries throttled records again itself, each with its own wait. */
const MAX_ATTEMPTS = 1;

export function createFeatureStoreClients(options: FeatureStoreClientOptions): FeatureStoreClients {
  const config = {
    region: options.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  };
  let control: Promise<SageMakerClient> | undefined;
  return {
    runtime: new SageMakerFeatureStoreRuntimeClient({
      ...config,
      maxAttempts: MAX_ATTEMPTS,
      requestHandler: {
        connectionTimeout: CONNECTION_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
        httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      },
    }),
    control: () => {
      control ??= import("@aws-sdk/client-sagemaker").then(
        ({ SageMakerClient }) => new SageMakerClient(config),
      );
      return control;
    },
  };
}
