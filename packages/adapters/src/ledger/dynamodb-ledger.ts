// Decides how ledger items lie in a DynamoDB table: one item each, the body as JSON text, changed by one conditional write.
// Leaves what the items mean to core/ledger, and the table itself to the stacks.
//
// The client tries a write again whose answer was lost, and the second try then meets the first one's work. So each
// write leaves an id of its own in the item: a refused write that finds its own id there was applied. A removal leaves
// nothing to find, so it first writes the item as removed, under its id, and then deletes that.

import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import {
  type ConditionalOutcome,
  type Expectation,
  InvalidInputError,
  type Ledger,
  type LedgerBody,
  type LedgerItem,
  type LedgerKey,
  UnavailableError,
} from "@steward/core";
import { describeFailure, toCallError } from "../aws/call-failure.ts";
import { type AwsClientOptions, clientSettings, LEDGER_CALLS } from "../aws/client-settings.ts";

export interface DynamoDbLedgerOptions {
  readonly client: DynamoDBClient;
  /** Its keys are the texts `partition` (hash) and `sort` (range). */
  readonly tableName: string;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html, read 2026-11-25. */
const MAX_PARTITION_BYTES = 2_048;
const MAX_SORT_BYTES = 1_024;
const MAX_ITEM_BYTES = 400 * 1_024;
/** The names of the attributes, the version and the write's id, rounded up. */
const OVERHEAD_BYTES = 128;

const REFUSED = "ConditionalCheckFailedException";

type Item = Record<string, AttributeValue>;

export function createDynamoDbClient(options: AwsClientOptions = {}): DynamoDBClient {
  return new DynamoDBClient(clientSettings(options, LEDGER_CALLS));
}

export class DynamoDbLedger implements Ledger {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor({ client, tableName }: DynamoDbLedgerOptions) {
    this.#client = client;
    this.#table = tableName;
  }

  async find(key: LedgerKey): Promise<LedgerItem | undefined> {
    checkKey(key);
    const command = new GetItemCommand({ TableName: this.#table, Key: toKey(key), ConsistentRead: true });
    const { Item } = await this.#client.send(command).catch(fail("the ledger could not be read"));
    return Item === undefined || isRemoved(Item) ? undefined : toItem(Item);
  }

  async list(partition: string, prefix = ""): Promise<readonly LedgerItem[]> {
    checkPart("partition", partition, MAX_PARTITION_BYTES);
    const items: LedgerItem[] = [];
    let from: Item | undefined;
    do {
      const command = new QueryCommand({
        TableName: this.#table,
        ConsistentRead: true,
        KeyConditionExpression: `#p = :p${prefix === "" ? "" : " AND begins_with(#s, :s)"}`,
        ExpressionAttributeNames: { "#p": "partition", ...(prefix === "" ? {} : { "#s": "sort" }) },
        ExpressionAttributeValues: {
          ":p": { S: partition },
          ...(prefix === "" ? {} : { ":s": { S: prefix } }),
        },
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      });
      const page = await this.#client.send(command).catch(fail("the ledger could not be listed"));
      for (const item of page.Items ?? []) if (!isRemoved(item)) items.push(toItem(item));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  }

  async put(key: LedgerKey, body: LedgerBody, expected: Expectation): Promise<ConditionalOutcome> {
    checkKey(key);
    const text = toText(key, body);
    const version = expected === "absent" ? 1 : expected.version + 1;
    const item = { ...toKey(key), version: { N: String(version) }, body: { S: text } };
    return this.#write(item, expected, version);
  }

  async remove(key: LedgerKey, { version }: { readonly version: number }): Promise<ConditionalOutcome> {
    checkKey(key);
    const outcome = await this.#write(
      { ...toKey(key), version: { N: String(version) }, removed: { BOOL: true } },
      { version },
      version,
    );
    if (outcome.kind === "applied") await this.#clear(key);
    return outcome;
  }

  async #write(item: Item, expected: Expectation, version: number): Promise<ConditionalOutcome> {
    const writeId = randomUUID();
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: { ...item, writeId: { S: writeId } },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          ...toCondition(expected),
        }),
      );
      return { kind: "applied", version };
    } catch (error) {
      const { name, attempts } = describeFailure(error);
      if (name !== REFUSED) return fail("the ledger could not be written")(error);
      const standing = (error as { readonly Item?: Item }).Item;
      if (standing?.writeId?.S === writeId) return { kind: "applied", version };
      // After a lost answer only an item of the very version that this write would have made is surely another's; over any
      // other this write may have been applied and written over: nobody can say.
      const isOthers = Number(standing?.version?.N) === version && !isRemoved(item);
      if (attempts > 1 && !isOthers)
        throw new UnavailableError("the ledger's answer to a write was lost: read again and decide again");
      return { kind: "conflict" };
    }
  }

  /** Deletes what a removal left; one that was put anew since stays. */
  async #clear(key: LedgerKey): Promise<void> {
    const command = new DeleteItemCommand({
      TableName: this.#table,
      Key: toKey(key),
      ConditionExpression: "attribute_exists(removed)",
    });
    await this.#client.send(command).catch((error: unknown) => {
      if (describeFailure(error).name !== REFUSED) fail("the ledger could not be cleared")(error);
    });
  }
}

/** An item that is written as removed counts as absent, should a kill have left it. */
function toCondition(expected: Expectation): Partial<PutItemCommandInput> {
  if (expected === "absent") {
    return { ConditionExpression: "attribute_not_exists(#p) OR attribute_exists(removed)", ...NAMES };
  }
  return {
    ConditionExpression: "#v = :v AND attribute_not_exists(removed)",
    ExpressionAttributeNames: { "#v": "version" },
    ExpressionAttributeValues: { ":v": { N: String(expected.version) } },
  };
}

const NAMES = { ExpressionAttributeNames: { "#p": "partition" } };

function fail(what: string): (error: unknown) => never {
  return (error) => {
    throw toCallError(what, error, { invalid: new Set(["ValidationException"]) });
  };
}

function toKey({ partition, sort }: LedgerKey): Item {
  return { partition: { S: partition }, sort: { S: sort } };
}

function isRemoved(item: Item): boolean {
  return item.removed !== undefined;
}

function toItem(item: Item): LedgerItem {
  return {
    partition: item.partition?.S ?? "",
    sort: item.sort?.S ?? "",
    version: Number(item.version?.N),
    body: JSON.parse(item.body?.S ?? "") as LedgerBody,
  };
}

function checkKey({ partition, sort }: LedgerKey): void {
  checkPart("partition", partition, MAX_PARTITION_BYTES);
  checkPart("sort", sort, MAX_SORT_BYTES);
}

function checkPart(name: string, text: string, maxBytes: number): void {
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes === 0 || sizeBytes > maxBytes || !text.isWellFormed()) {
    throw new InvalidInputError(
      `the ${name} key of a ledger item must be 1 to ${maxBytes} bytes of UTF-8, not ${sizeBytes}`,
    );
  }
}

/** JSON that reads back as the same value: DynamoDB's own numbers and maps would round the one and nest the other 32 deep. */
function toText({ partition, sort }: LedgerKey, body: LedgerBody): string {
  const text = JSON.stringify(body, (field, value: unknown) => {
    if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) {
      throw new InvalidInputError(`field ${field} of a ledger item must be a value that JSON can say`);
    }
    return value;
  });
  const sizeBytes = Buffer.byteLength(partition + sort + text) + OVERHEAD_BYTES;
  if (sizeBytes > MAX_ITEM_BYTES) {
    throw new InvalidInputError(
      `a ledger item is ${sizeBytes} bytes, more than the ${MAX_ITEM_BYTES} that DynamoDB takes`,
    );
  }
  return text;
}
