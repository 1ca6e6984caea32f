// Decides how the port's stream is kept on Kinesis: order of a key, positions as text, iterators renewed.
// Leaves to Kinesis which shard a key falls into, and when a record is past retention.

import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  type _Record as KinesisRecord,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import {
  InvalidInputError,
  type Stream,
  type StreamPage,
  type StreamRecord,
  type StreamStart,
  type Timer,
  toEpochMs,
} from "@steward/core";
import { describeFailure, toCallError } from "../aws/call-failure.ts";
import { checkWholeNumber } from "../whole-number.ts";
import { appendInOrder, type NewRecord } from "./kinesis-append.ts";

export interface KinesisStreamOptions {
  readonly client: KinesisClient;
  readonly name: string;
  readonly timer: Timer;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html, read 2026-11-25. */
const MAX_READ_COUNT = 10_000;
/** The most digits of a sequence number: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Record.html, read 2026-11-25. */
const POSITION_DIGITS = 129;
/** Before shorter numbers; as text it is less than every digit. */
const FILLER = "-";
const POSITION = /^(?=.{129}$)-*\d+$/;
/** An answer may be empty far from the tip; a reader goes on from there so often before it says what it has. */
const MAX_EMPTY_ANSWERS = 50;
const NAMES = { invalid: new Set(["InvalidArgumentException", "ValidationException"]) };

export class KinesisStream implements Stream {
  readonly #client: KinesisClient;
  readonly #name: string;
  readonly #timer: Timer;
  /** Where the last read of a shard stopped, so that the next needs no iterator of its own: 5 a second are given. */
  readonly #next = new Map<string, { readonly after: string; readonly iterator: string }>();

  constructor({ client, name, timer }: KinesisStreamOptions) {
    this.#client = client;
    this.#name = name;
    this.#timer = timer;
  }

  async listShards(): Promise<readonly string[]> {
    const shards: string[] = [];
    let token: string | undefined;
    do {
      const command: ListShardsCommand = new ListShardsCommand(
        token === undefined ? { StreamName: this.#name } : { NextToken: token },
      );
      const page = await this.#client.send(command).catch(fail("the stream's shards could not be listed"));
      for (const { ShardId } of page.Shards ?? []) if (ShardId !== undefined) shards.push(ShardId);
      token = page.NextToken;
    } while (token !== undefined);
    return shards;
  }

  /** At least once: a call whose answer was lost is made again. One record a key and call, since Kinesis may take a later
   * record of a call and refuse an earlier one. */
  async append(records: readonly NewRecord[]): Promise<void> {
    await appendInOrder(this.#client, this.#name, this.#timer, records);
  }

  async read(shard: string, start: StreamStart, max: number): Promise<StreamPage> {
    checkWholeNumber("max", max, 1, MAX_READ_COUNT);
    const from = typeof start === "object" && "arrivedAtMs" in start ? start.arrivedAtMs : 0;
    let iterator = this.#takeNext(shard, start) ?? (await this.#iterator(shard, start));
    for (let answers = 1; ; answers += 1) {
      if (iterator === undefined) return { records: [], atTip: true };
      const page = await this.#getRecords(shard, start, iterator, max);
      const records = page.records.filter(({ arrivedAtMs }) => arrivedAtMs >= from);
      if (records.length > 0 || page.isTip || page.next === undefined || answers === MAX_EMPTY_ANSWERS) {
        const last = records.at(-1)?.position ?? afterOf(start);
        if (last !== undefined && page.next !== undefined)
          this.#next.set(shard, { after: last, iterator: page.next });
        // A full page that ends at the newest record may have been followed by more since: the next answer says.
        const atTip = page.isTip && (page.records.length < max || (await this.#isTip(page.next)));
        return { records, atTip };
      }
      iterator = page.next;
    }
  }

  /** Kinesis drops what is past retention by itself, and nobody can hasten it: nothing to do. */
  async purgeExpired(): Promise<void> {}

  async #getRecords(shard: string, start: StreamStart, iterator: string, max: number) {
    const answer = await this.#get(iterator, max).catch(async (error: unknown) => {
      // An iterator lives for five minutes.
      if (describeFailure(error).name !== "ExpiredIteratorException")
        return fail("the stream could not be read")(error);
      const renewed = await this.#iterator(shard, start);
      return this.#get(renewed ?? "", max).catch(fail("the stream could not be read"));
    });
    return {
      records: (answer.Records ?? []).map((record) => toRecord(shard, record)),
      next: answer.NextShardIterator,
      isTip: answer.NextShardIterator === undefined || answer.MillisBehindLatest === 0,
    };
  }

  async #isTip(iterator: string | undefined): Promise<boolean> {
    if (iterator === undefined) return true;
    const answer = await this.#get(iterator, 1).catch(fail("the stream could not be read"));
    return (answer.Records ?? []).length === 0 && answer.MillisBehindLatest === 0;
  }

  #get(iterator: string, max: number) {
    return this.#client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: max }));
  }

  #takeNext(shard: string, start: StreamStart): string | undefined {
    const next = this.#next.get(shard);
    return next !== undefined && next.after === afterOf(start) ? next.iterator : undefined;
  }

  /** Undefined for an instant that Kinesis calls still to come: nothing arrived at or after it. */
  async #iterator(shard: string, start: StreamStart): Promise<string | undefined> {
    const command = new GetShardIteratorCommand({
      StreamName: this.#name,
      ShardId: shard,
      ...toIteratorType(start),
    });
    try {
      return (await this.#client.send(command)).ShardIterator;
    } catch (error) {
      const { name, message } = describeFailure(error);
      if (name === "InvalidArgumentException" && message.startsWith("The timestampInMillis parameter"))
        return undefined;
      return fail("the stream could not be read")(error);
    }
  }
}

function afterOf(start: StreamStart): string | undefined {
  return typeof start === "object" && "after" in start ? start.after : undefined;
}

function toIteratorType(
  start: StreamStart,
): Pick<GetShardIteratorCommandInput, "ShardIteratorType" | "StartingSequenceNumber" | "Timestamp"> {
  if (start === "oldest") return { ShardIteratorType: "TRIM_HORIZON" };
  if ("arrivedAtMs" in start)
    return { ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date(start.arrivedAtMs) };
  if (!POSITION.test(start.after))
    throw new InvalidInputError(
      `a position of the stream is a number, filled up to ${POSITION_DIGITS} characters`,
    );
  return {
    ShardIteratorType: "AFTER_SEQUENCE_NUMBER",
    StartingSequenceNumber: start.after.replaceAll(FILLER, ""),
  };
}

function toRecord(shard: string, record: KinesisRecord): StreamRecord {
  return {
    shard,
    position: (record.SequenceNumber ?? "").padStart(POSITION_DIGITS, FILLER),
    partitionKey: record.PartitionKey ?? "",
    data: record.Data ?? new Uint8Array(),
    arrivedAtMs: toEpochMs(record.ApproximateArrivalTimestamp?.getTime() ?? 0),
  };
}

function fail(what: string): (error: unknown) => never {
  return (error) => {
    throw toCallError(what, error, NAMES);
  };
}
