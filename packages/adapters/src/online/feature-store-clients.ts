// Decides how Feature Store is called: time-outs, tries and connections, set on purpose.
// Leaves the calls, and what their errors mean, to SageMakerOnlineStore.

import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  SageMakerFeatureStoreRuntimeClient,
  type SageMakerFeatureStoreRuntimeClientConfig,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";

export interface FeatureStoreClientOptions {
  /** Default: what the environment says (AWS_REGION). */
  readonly region?: string;
  /** Default: that of AWS, or of the AWS_ENDPOINT_URL variables. */
  readonly endpoint?: string;
  readonly credentials?: NonNullable<SageMakerFeatureStoreRuntimeClientConfig["credentials"]>;
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
const CONNECTION_TIMEOUT_MS = 2_000;
/** One try: the write path tries throttled records again itself, each with its own wait, and counts them; so do the reads. */
const RUNTIME_ATTEMPTS = 1;
/** A handful of rare calls that nobody above tries again; CreateFeatureGroup twice is ResourceInUse, not two groups. */
const CONTROL_ATTEMPTS = 4;
const CONTROL_TIMEOUT_MS = 10_000;

export function createFeatureStoreClients(options: FeatureStoreClientOptions = {}): FeatureStoreClients {
  const { region, endpoint, credentials, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const config = {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
  let control: Promise<SageMakerClient> | undefined;
  return {
    runtime: new SageMakerFeatureStoreRuntimeClient({
      ...config,
      maxAttempts: RUNTIME_ATTEMPTS,
      requestHandler: toHandler(requestTimeoutMs),
    }),
    control: () => {
      control ??= import("@aws-sdk/client-sagemaker").then(
        ({ SageMakerClient }) =>
          new SageMakerClient({
            ...config,
            maxAttempts: CONTROL_ATTEMPTS,
            requestHandler: toHandler(CONTROL_TIMEOUT_MS),
          }),
      );
      return control;
    },
  };
}

function toHandler(timeoutMs: number) {
  // Kept alive: a connection costs more than a call. One that the other side dropped while idle (reported after 60 s:
  // github.com/aws/aws-sdk/issues/752) fails its next call, which is then throttled and made again.
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    // Until an answer begins; without the flag the SDK only logs a warning and waits on.
    requestTimeout: timeoutMs,
    throwOnRequestTimeout: true,
    // Between two bytes of it.
    socketTimeout: timeoutMs,
    httpAgent: agent,
    httpsAgent: agent,
  };
}
