// Decides how long a call to Step Functions may take and how often it is tried.
// Leaves what is called, and what an error means, to SfnStateMachines.

import { SFNClient, type SFNClientConfig } from "@aws-sdk/client-sfn";

export interface SfnClientOptions {
  /** Default: what the environment says (AWS_REGION). */
  readonly region?: string;
  /** Default: that of AWS, or of AWS_ENDPOINT_URL. */
  readonly endpoint?: string;
  readonly credentials?: NonNullable<SFNClientConfig["credentials"]>;
  readonly maxAttempts?: number;
  readonly requestTimeoutMs?: number;
}

/** DescribeExecution refills at 15 a second: a few tries outlast a burst, more would only add to it.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, read 2026-11-24. */
const DEFAULT_MAX_ATTEMPTS = 4;
const CONNECTION_TIMEOUT_MS = 2_000;
/** None of the four calls waits for the execution: an answer that takes longer will not come. */
const DEFAULT_REQUEST_TIMEOUT_MS = 10_000;

export function createSfnClient(options: SfnClientOptions = {}): SFNClient {
  const { region, endpoint, credentials, maxAttempts, requestTimeoutMs } = options;
  return new SFNClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    retryMode: "standard",
    maxAttempts: maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
      // Without it the client only logs a warning and waits on.
      throwOnRequestTimeout: true,
    },
  });
}
