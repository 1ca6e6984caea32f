// Decides how the calls of SQS are made: batches within its bounds, refused entries sent again, counts by attributes.

import {
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { backoffMs, InvalidInputError, type Timer, UnavailableError } from "@steward/core";
import { toCallError } from "../aws/call-failure.ts";

/** Ten messages; 1 MiB together since 2025, and 256 KiB before: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/
 * SQSDeveloperGuide/quotas-messages.html, read 2026-11-25. The lower one holds everywhere, and references are small. */
const MAX_BATCH_COUNT = 10;
const MAX_BATCH_BYTES = 256 * 1_024;
/** Of entries that SQS refused on its own account; calls are tried again by the client. */
const RESEND = { firstMs: 100, ceilingMs: 2_000, maxTries: 5 };

const NAMES = {
  notFound: new Set(["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"]),
  invalid: new Set(["InvalidMessageContents", "BatchRequestTooLong"]),
};

export async function sendBatches(
  client: SQSClient,
  queueUrl: string,
  timer: Timer,
  bodies: readonly string[],
  delaySeconds: number,
): Promise<void> {
  for (const batch of toBatches(bodies)) {
    let entries = batch.map((body, index) => ({
      Id: String(index),
      MessageBody: body,
      DelaySeconds: delaySeconds,
    }));
    for (let tries = 1; entries.length > 0; tries += 1) {
      const refused = await sendOnce(client, queueUrl, entries);
      entries = entries.filter(({ Id }) => refused.has(Id));
      if (entries.length === 0) break;
      if (tries === RESEND.maxTries)
        throw new UnavailableError(`the queue refused ${entries.length} messages: try again later`);
      await timer.sleep(backoffMs(RESEND, tries, timer.fraction()));
    }
  }
}

export async function receiveBatch(
  client: SQSClient,
  queueUrl: string,
  max: number,
  visibilitySeconds: number,
  waitSeconds: number,
): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: max,
    VisibilityTimeout: visibilitySeconds,
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp"],
  });
  const { Messages = [] } = await client.send(command).catch((error: unknown) => {
    throw toCallError("messages could not be received", error, NAMES);
  });
  return Messages;
}

export async function countMessages(
  client: SQSClient,
  queueUrl: string,
): Promise<{ readonly ready: number; readonly hidden: number }> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: [
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateNumberOfMessagesDelayed",
    ],
  });
  const { Attributes = {} } = await client.send(command).catch((error: unknown) => {
    throw toCallError("the queue's messages could not be counted", error, NAMES);
  });
  const {
    ApproximateNumberOfMessages: ready,
    ApproximateNumberOfMessagesNotVisible: received,
    ApproximateNumberOfMessagesDelayed: delayed,
  } = Attributes;
  return { ready: Number(ready ?? 0), hidden: Number(received ?? 0) + Number(delayed ?? 0) };
}

/** The ids of the entries to send again. @throws InvalidInputError for one that SQS will never take. */
async function sendOnce(
  client: SQSClient,
  queueUrl: string,
  entries: SendMessageBatchRequestEntry[],
): Promise<ReadonlySet<string>> {
  const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries });
  const { Failed = [] } = await client.send(command).catch((error: unknown) => {
    throw toCallError("messages could not be sent", error, NAMES);
  });
  const fault = Failed.find(({ SenderFault }) => SenderFault);
  if (fault !== undefined) throw new InvalidInputError(`the queue takes no such message: ${fault.Code}`);
  return new Set(Failed.map(({ Id = "" }) => Id));
}

function toBatches(bodies: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let sizeBytes = 0;
  for (const body of bodies) {
    const bodyBytes = Buffer.byteLength(body);
    const last = batches.at(-1);
    if (last === undefined || last.length === MAX_BATCH_COUNT || sizeBytes + bodyBytes > MAX_BATCH_BYTES) {
      batches.push([body]);
      sizeBytes = bodyBytes;
    } else {
      last.push(body);
      sizeBytes += bodyBytes;
    }
  }
  return batches;
}
