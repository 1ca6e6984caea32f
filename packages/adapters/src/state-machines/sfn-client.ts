// Decides how Step Functions is called. Leaves what is called, and what an error means, to SfnStateMachines.

import { SFNClient } from "@aws-sdk/client-sfn";
import { type AwsClientOptions, BRIEF_CALLS, clientSettings } from "../aws/client-settings.ts";

export type SfnClientOptions = AwsClientOptions;

/** None of the four calls waits for the execution. DescribeExecution refills at 15 a second: a few tries outlast a burst,
 * more would only add to it. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, read 2026-11-24. */
export function createSfnClient(options: SfnClientOptions = {}): SFNClient {
  return new SFNClient(clientSettings(options, BRIEF_CALLS));
}
