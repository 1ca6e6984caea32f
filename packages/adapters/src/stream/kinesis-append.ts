// Decides how records get into a Kinesis stream in the order of their keys, though a call may take some and refuse others.

import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { backoffMs, InvalidInputError, type Timer, UnavailableError } from "@steward/core";
import { toCallError } from "../aws/call-failure.ts";

export interface NewRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html, read 2026-11-25; 5 MiB until 2025, 10 since. */
const MAX_CALL_COUNT = 500;
const MAX_CALL_BYTES = 5 * 1024 ** 2;
const MAX_PARTITION_KEY_LENGTH = 256;
const MAX_RECORD_BYTES = 1_024 * 1_024;
/** A shard that is written too fast takes more within a second. Counted from the last call that brought anything in. */
const RESEND = { firstMs: 100, ceilingMs: 2_000, maxTries: 8 };

export async function appendInOrder(
  client: KinesisClient,
  streamName: string,
  timer: Timer,
  records: readonly NewRecord[],
): Promise<void> {
  for (const record of records) checkRecord(record);
  const waiting = Map.groupBy(records, ({ partitionKey }) => partitionKey);
  for (let failures = 0; waiting.size > 0; ) {
    const call = nextCall(waiting);
    const taken = await putRecords(client, streamName, call);
    for (const { partitionKey } of taken) {
      const own = waiting.get(partitionKey);
      own?.shift();
      if (own?.length === 0) waiting.delete(partitionKey);
    }
    if (taken.length === call.length) {
      failures = 0;
      continue;
    }
    failures = taken.length > 0 ? 1 : failures + 1;
    if (failures === RESEND.maxTries)
      throw new UnavailableError("the stream takes no more records now: try again later");
    await timer.sleep(backoffMs(RESEND, failures, timer.fraction()));
  }
}

/** The first waiting record of as many keys as a call takes. */
function nextCall(waiting: ReadonlyMap<string, readonly NewRecord[]>): readonly NewRecord[] {
  const call: NewRecord[] = [];
  let sizeBytes = 0;
  for (const [first] of waiting.values()) {
    if (first === undefined) continue;
    sizeBytes += first.data.length + Buffer.byteLength(first.partitionKey);
    if (call.length === MAX_CALL_COUNT || (call.length > 0 && sizeBytes > MAX_CALL_BYTES)) break;
    call.push(first);
  }
  return call;
}

async function putRecords(
  client: KinesisClient,
  streamName: string,
  records: readonly NewRecord[],
): Promise<readonly NewRecord[]> {
  const Records = records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data }));
  const command = new PutRecordsCommand({ StreamName: streamName, Records });
  const answer = await client.send(command).catch((error: unknown) => {
    throw toCallError("records could not be appended", error);
  });
  return records.filter((_, index) => answer.Records?.[index]?.ErrorCode === undefined);
}

function checkRecord({ partitionKey, data }: NewRecord): void {
  if (partitionKey.length === 0 || partitionKey.length > MAX_PARTITION_KEY_LENGTH) {
    throw new InvalidInputError(
      `a partition key must have 1 to ${MAX_PARTITION_KEY_LENGTH} characters, not ${partitionKey.length}`,
    );
  }
  if (data.length > MAX_RECORD_BYTES) {
    throw new InvalidInputError(
      `a stream record may have ${MAX_RECORD_BYTES} bytes at most, not ${data.length}`,
    );
  }
}
