// A queue as SQS offers it: at least once, unordered, visibility time-outs on real time, dead letters after a number of receipts.

export interface QueueMessage {
  readonly id: string;
  /** Names this receipt; a later receipt of the same message makes it stale. */
  readonly receipt: string;
  readonly body: string;
  /** How often this message has been received, this time included. */
  readonly receiveCount: number;
}

export interface QueueDepth {
  readonly ready: number;
  readonly inFlight: number;
  readonly deadLetters: number;
}

export interface Queue {
  /** Sends all bodies; each at most 256 KiB of UTF-8. Durable once it returns. */
  send(bodies: readonly string[], options?: { readonly delayMs?: number }): Promise<void>;
  /** Up to `max` (1 to 10) visible messages, hidden for `visibilityMs` from now. A message received more often than
   * the queue's limit goes to the dead letters instead. */
  receive(max: number, visibilityMs: number): Promise<readonly QueueMessage[]>;
  /** Removes the message of this receipt; a stale receipt does nothing. */
  acknowledge(receipt: string): Promise<void>;
  /** Makes the message of this receipt visible again after `delayMs` (0: at once); a stale receipt does nothing. */
  release(receipt: string, delayMs: number): Promise<void>;
  /** The dead letters, oldest first, at most `max`. */
  listDeadLetters(max: number): Promise<readonly { readonly id: string; readonly body: string }[]>;
  /** Moves dead letters back to the queue, all or those whose id is given; how many moved. */
  redrive(ids?: readonly string[]): Promise<number>;
  depth(): Promise<QueueDepth>;
}
