// The ledger on DynamoDB, against MiniStack.

import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoDbClient, DynamoDbLedger } from "@steward/adapters/aws";
import { UnavailableError } from "@steward/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsOptions, createTable } from "../../support/aws-resources.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { describeLedger } from "../ports/ledger.ts";

let ministack: MiniStack;
beforeAll(async () => {
  ministack = await startMiniStack();
}, 300_000);
afterAll(() => ministack.stop());

describeLedger("DynamoDbLedger", async () => {
  const tableName = await createTable(ministack.url);
  const client = createDynamoDbClient(awsOptions(ministack.url));
  return {
    open: async () => new DynamoDbLedger({ client, tableName }),
    close: async () => client.destroy(),
  };
});

describe("DynamoDbLedger", () => {
  const key = { partition: "runs", sort: "one" };

  /** A ledger whose client loses the answer of its next put, after which `meanwhile` happens before the second try. */
  async function aForgetfulLedger(meanwhile: (other: DynamoDbLedger) => Promise<unknown>) {
    const tableName = await createTable(ministack.url);
    const other = new DynamoDbLedger({ client: createDynamoDbClient(awsOptions(ministack.url)), tableName });
    const client = createDynamoDbClient(awsOptions(ministack.url));
    let isLost = false;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const output = await next(args);
        if (context.commandName !== "PutItemCommand" || isLost) return output;
        isLost = true;
        await meanwhile(other);
        throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
      },
      { step: "deserialize", priority: "low" },
    );
    return { ledger: new DynamoDbLedger({ client, tableName }), other };
  }

  it("says `applied` when a write was applied and its answer lost", async () => {
    const { ledger, other } = await aForgetfulLedger(async () => undefined);

    expect(await ledger.put(key, { by: "us" }, "absent")).toEqual({ kind: "applied", version: 1 });
    expect(await other.find(key)).toEqual({ ...key, version: 1, body: { by: "us" } });
  });

  it("says `applied` when a removal was applied and its answer lost", async () => {
    const { ledger, other } = await aForgetfulLedger(async () => undefined);
    await other.put(key, {}, "absent");

    expect(await ledger.remove(key, { version: 1 })).toEqual({ kind: "applied", version: 1 });
    expect(await other.find(key)).toBeUndefined();
    expect(await other.list("runs")).toEqual([]);
  });

  it("says that it cannot say when another wrote on a write whose answer was lost", async () => {
    const { ledger, other } = await aForgetfulLedger((each) => each.put(key, { by: "them" }, { version: 1 }));

    await expect(ledger.put(key, { by: "us" }, "absent")).rejects.toThrow(UnavailableError);
    expect(await other.find(key)).toEqual({ ...key, version: 2, body: { by: "them" } });
  });

  it("takes an item that a kill left half removed as absent", async () => {
    const tableName = await createTable(ministack.url);
    const client = createDynamoDbClient(awsOptions(ministack.url));
    const ledger = new DynamoDbLedger({ client, tableName });
    const Item = {
      partition: { S: "runs" },
      sort: { S: "one" },
      version: { N: "4" },
      removed: { BOOL: true },
    };
    await client.send(new PutItemCommand({ TableName: tableName, Item }));

    const before = [await ledger.find(key), await ledger.list("runs")];
    const change = await ledger.put(key, {}, { version: 4 });
    const anew = await ledger.put(key, { is: "new" }, "absent");

    expect(before).toEqual([undefined, []]);
    expect([change, anew]).toEqual([{ kind: "conflict" }, { kind: "applied", version: 1 }]);
    expect((await ledger.find(key))?.body).toEqual({ is: "new" });
  });
});
