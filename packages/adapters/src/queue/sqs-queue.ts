// Decides how the port's queue is kept on SQS: batches, receipts that end, and dead letters read by receiving them.
// Leaves to the stacks how often a message may be received, and to the caller what it says.

import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { InvalidInputError, type Queue, type QueueDepth, type QueueMessage, type Timer } from "@steward/core";
import { describeFailure, toCallError } from "../aws/call-failure.ts";
import { type AwsClientOptions, clientSettings, QUEUE_CALLS } from "../aws/client-settings.ts";
import { checkWholeNumber } from "../whole-number.ts";
import { countMessages, receiveBatch, sendBatches } from "./sqs-calls.ts";

export interface SqsQueueOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Where the queue's redrive policy sends what was received too often. */
  readonly deadLetterUrl: string;
  readonly timer: Timer;
  /** How long a receive waits for a message, 0 to 20. Default 1: without any, SQS asks only some of its servers, and may
   * say that nothing is there while something is. */
  readonly waitSeconds?: number;
}

const MAX_BODY_BYTES = 256 * 1_024;
const MAX_RECEIVE_COUNT = 10;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html, read 2026-11-25. */
const MAX_DELAY_MS = 15 * 60_000;
const MAX_VISIBILITY_MS = 12 * 3_600_000;
/** Dead letters are hidden for so long while they are read; a reader that is killed hides them no longer. */
const LOOK_SECONDS = 120;
/** A receipt says until when it holds: `1764081313000 AQEB…`. */
const RECEIPT = /^(\d{13}) (.+)$/s;
/** The message is gone, visible again, or the text is no receipt: nothing is left to do by it. */
const STALE = new Set([
  "ReceiptHandleIsInvalid",
  "MessageNotInflight",
  "InvalidParameterValue",
  "AWS.SimpleQueueService.MessageNotInflight",
]);

export function createSqsClient(options: AwsClientOptions = {}): SQSClient {
  return new SQSClient(clientSettings(options, QUEUE_CALLS));
}

export class SqsQueue implements Queue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #deadLetterUrl: string;
  readonly #timer: Timer;
  readonly #waitSeconds: number;

  constructor({ client, queueUrl, deadLetterUrl, timer, waitSeconds = 1 }: SqsQueueOptions) {
    checkWholeNumber("waitSeconds", waitSeconds, 0, 20);
    this.#client = client;
    this.#queueUrl = queueUrl;
    this.#deadLetterUrl = deadLetterUrl;
    this.#timer = timer;
    this.#waitSeconds = waitSeconds;
  }

  /** In whole seconds, rounded up. After an error some of the bodies may have been sent: send all again. */
  async send(bodies: readonly string[], { delayMs = 0 }: { readonly delayMs?: number } = {}): Promise<void> {
    checkWholeNumber("delayMs", delayMs, 0, MAX_DELAY_MS);
    for (const body of bodies) checkBody(body);
    await sendBatches(this.#client, this.#queueUrl, this.#timer, bodies, toSeconds(delayMs));
  }

  async receive(max: number, visibilityMs: number): Promise<readonly QueueMessage[]> {
    checkWholeNumber("max", max, 1, MAX_RECEIVE_COUNT);
    checkWholeNumber("visibilityMs", visibilityMs, 1, MAX_VISIBILITY_MS);
    const seconds = toSeconds(visibilityMs);
    const messages = await receiveBatch(this.#client, this.#queueUrl, max, seconds, this.#waitSeconds);
    // Counted from the answer, since the call may have waited: it outlives the message's time hidden by its way here.
    const endsAtMs = Math.floor(this.#timer.nowMs()) + seconds * 1_000;
    return messages.map((message) => ({
      id: message.MessageId ?? "",
      receipt: `${endsAtMs} ${message.ReceiptHandle ?? ""}`,
      body: message.Body ?? "",
      receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
    }));
  }

  /** A receipt whose time is over does nothing, though nobody else may have received the message: it then comes again. SQS
   * itself might delete by an old receipt. A bare handle, as a Lambda is given, is taken as it is. */
  async acknowledge(receipt: string): Promise<void> {
    const handle = this.#handleOf(receipt);
    if (handle === undefined) return;
    await this.#ignoreStale(
      this.#client.send(new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle: handle })),
    );
  }

  async release(receipt: string, delayMs: number): Promise<void> {
    checkWholeNumber("delayMs", delayMs, 0, MAX_VISIBILITY_MS);
    const handle = this.#handleOf(receipt);
    if (handle === undefined) return;
    await this.#ignoreStale(this.#hide(this.#queueUrl, handle, toSeconds(delayMs)));
  }

  /** Reads all of them, since SQS gives them in no order, and hides them from others meanwhile. */
  async listDeadLetters(max: number): Promise<readonly { readonly id: string; readonly body: string }[]> {
    const seen = await this.#walkDeadLetters(async () => false);
    const sentAt = (message: Message) => Number(message.Attributes?.SentTimestamp ?? 0);
    return seen
      .sort((left, right) => sentAt(left) - sentAt(right))
      .slice(0, max)
      .map(({ MessageId = "", Body = "" }) => ({ id: MessageId, body: Body }));
  }

  /** Sends each before it deletes it: a kill between the two leaves it in both queues, and never in none. */
  async redrive(ids?: readonly string[]): Promise<number> {
    const wanted = ids === undefined ? undefined : new Set(ids);
    let movedCount = 0;
    await this.#walkDeadLetters(async ({ MessageId = "", Body = "", ReceiptHandle }) => {
      if (wanted !== undefined && !wanted.has(MessageId)) return false;
      await sendBatches(this.#client, this.#queueUrl, this.#timer, [Body], 0);
      const command = new DeleteMessageCommand({ QueueUrl: this.#deadLetterUrl, ReceiptHandle });
      await this.#client.send(command).catch(fail("a dead letter could not be removed"));
      movedCount += 1;
      return true;
    });
    return movedCount;
  }

  /** As SQS counts, which lags by up to a minute under load: for people and drains that look again, never for a decision. */
  async depth(): Promise<QueueDepth> {
    const own = await countMessages(this.#client, this.#queueUrl);
    const dead = await countMessages(this.#client, this.#deadLetterUrl);
    return { ready: own.ready, inFlight: own.hidden, deadLetters: dead.ready + dead.hidden };
  }

  /** Shows each dead letter once to `take`, which says whether it took it away; the others, given back, are visible again. */
  async #walkDeadLetters(take: (message: Message) => Promise<boolean>): Promise<Message[]> {
    const left = new Map<string, Message>();
    try {
      for (;;) {
        const batch = await receiveBatch(
          this.#client,
          this.#deadLetterUrl,
          MAX_RECEIVE_COUNT,
          LOOK_SECONDS,
          this.#waitSeconds,
        );
        const fresh = batch.filter(({ MessageId = "" }) => !left.has(MessageId));
        // Kept, so that the later receipt is the one that is given back.
        for (const message of batch) left.set(message.MessageId ?? "", message);
        if (fresh.length === 0) break;
        for (const message of fresh) if (await take(message)) left.delete(message.MessageId ?? "");
      }
    } finally {
      for (const { ReceiptHandle = "" } of left.values())
        await this.#ignoreStale(this.#hide(this.#deadLetterUrl, ReceiptHandle, 0));
    }
    return [...left.values()];
  }

  #hide(queueUrl: string, handle: string, seconds: number): Promise<unknown> {
    return this.#client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: handle,
        VisibilityTimeout: seconds,
      }),
    );
  }

  #handleOf(receipt: string): string | undefined {
    const [, endsAtMs, handle] = RECEIPT.exec(receipt) ?? [];
    if (endsAtMs === undefined) return receipt === "" ? undefined : receipt;
    return this.#timer.nowMs() < Number(endsAtMs) ? handle : undefined;
  }

  async #ignoreStale(call: Promise<unknown>): Promise<void> {
    await call.catch((error: unknown) => {
      if (!STALE.has(describeFailure(error).name)) fail("a message could not be changed")(error);
    });
  }
}

function fail(what: string): (error: unknown) => never {
  return (error) => {
    throw toCallError(what, error);
  };
}

function toSeconds(durationMs: number): number {
  return Math.ceil(durationMs / 1_000);
}

function checkBody(body: string): void {
  const sizeBytes = Buffer.byteLength(body);
  if (sizeBytes === 0 || sizeBytes > MAX_BODY_BYTES) {
    throw new InvalidInputError(
      `a message must be 1 to ${MAX_BODY_BYTES} bytes of UTF-8, not ${sizeBytes}: send a reference, not rows`,
    );
  }
}
