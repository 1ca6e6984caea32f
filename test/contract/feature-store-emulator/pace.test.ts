// Decides: what a caller gets who is too fast for the pace, or meets a slow, cut or failing service.
// Leaves to others: rates (admin.test.ts), how units are counted (the unit test of the pace), what the real rules refuse.
import { connect as connectSocket } from "node:net";
import { UpdateFeatureGroupCommand } from "@aws-sdk/client-sagemaker";
import {
  BatchGetRecordCommand,
  BatchWriteRecordCommand,
  DeleteRecordCommand,
  GetRecordCommand,
  ListRecordsCommand,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  admin,
  anOrder,
  createOrders,
  errorOf,
  getOrder,
  putOrder,
  type Setup,
  startSetup,
  statusOf,
} from "./setup.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await startSetup();
  await createOrders(setup);
});
afterEach(() => setup.close());

const order = (faults: object) => admin(setup, "PUT", "faults", faults);
const get = (recordId: string) =>
  setup.runtime.send(
    new GetRecordCommand({ FeatureGroupName: "orders", RecordIdentifierValueAsString: recordId }),
  );
const SIGNED =
  "authorization: AWS4-HMAC-SHA256 Credential=local/20240501/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0a1b";
const THROTTLED = { name: "ThrottlingException", status: 400, message: "Rate exceeded" };

describe("A pace", () => {
  it("throttles writes of one record, deletions among them, and lets others pass", async () => {
    await order({ group: "orders", pace: { writeUnitsPerRecord: 2 } });
    await putOrder(setup, { customer_id: "a" });
    await putOrder(setup, { customer_id: "a", event_time: "2024-05-02T00:00:00Z", count: "2" });
    const deletion = new DeleteRecordCommand({
      FeatureGroupName: "orders",
      RecordIdentifierValueAsString: "a",
      EventTime: "2024-05-03T00:00:00Z",
    });

    expect(await errorOf(setup.runtime.send(deletion))).toMatchObject(THROTTLED);
    expect((await getOrder(setup, "a"))?.count).toBe("2");
    await putOrder(setup, { customer_id: "b" });
  });

  it("throttles readings by the whole record's size", async () => {
    await putOrder(setup, { customer_id: "a" });
    await order({ group: "orders", pace: { readUnits: 1 } });

    await get("none");
    expect((await get("a")).Record).toBeDefined();
    expect(await errorOf(get("a"))).toMatchObject(THROTTLED);
  });

  it("gives a batch's entries beyond it back unprocessed, and those within it take effect", async () => {
    await order({ group: "orders", pace: { writeUnits: 2, readUnits: 1 } });
    const Entries = ["a", "b", "c"].map((customer_id) => ({
      FeatureGroupName: "orders",
      Record: anOrder({ customer_id }),
    }));
    const written = await setup.runtime.send(new BatchWriteRecordCommand({ Entries }));
    const ids = ["a", "b", "c"];
    const read = await setup.runtime.send(
      new BatchGetRecordCommand({
        Identifiers: [{ FeatureGroupName: "orders", RecordIdentifiersValueAsString: ids }],
      }),
    );

    expect(written.UnprocessedEntries).toEqual(Entries.slice(2));
    expect(read.Records?.map((one) => one.RecordIdentifierValueAsString)).toEqual(["a"]);
    // "c" was never written, and reading nothing costs nothing.
    expect(read.UnprocessedIdentifiers).toEqual([
      { FeatureGroupName: "orders", RecordIdentifiersValueAsString: ["b"] },
    ]);
  });
});

describe("AWS's pace", () => {
  it("is off until it is asked for, and then holds each record to 500 units a second", async () => {
    const large = { customer_id: "a".repeat(2_000) };
    const definitions = ["customer_id", "event_time", "text"].map((FeatureName) => ({
      FeatureName,
      FeatureType: "String" as const,
    }));
    await createOrders(setup, { FeatureGroupName: "texts", FeatureDefinitions: definitions });
    const put = (changes: object) =>
      putOrder(setup, { ...large, count: undefined, text: "x".repeat(300_000), ...changes }, "texts");
    await put({});
    await put({});
    await order({ pace: "aws" });
    await put({});

    expect(await errorOf(put({}))).toMatchObject(THROTTLED);
    await put({ customer_id: "b" });
    expect(await admin(setup, "GET", "faults")).toMatchObject({
      faults: [
        {
          pace: {
            ...{ writeUnitsPerRecord: 500, readUnitsPerRecord: 2_400 },
            ...{ calls: 10_000, batchGetRecordCalls: 500 },
          },
        },
      ],
    });
  });

  it("holds a group of provisioned throughput to its capacity, until that is changed", async () => {
    const provision = (ProvisionedWriteCapacityUnits: number) => ({
      ThroughputConfig: {
        ThroughputMode: "Provisioned" as const,
        ProvisionedReadCapacityUnits: 1,
        ProvisionedWriteCapacityUnits,
      },
    });
    await createOrders(setup, { FeatureGroupName: "provisioned", ...provision(1) });
    const put = (customer_id: string) => putOrder(setup, { customer_id }, "provisioned");
    await put("a");
    await put("b");
    await order({ pace: "aws" });
    await put("a");
    expect(await errorOf(put("b"))).toMatchObject(THROTTLED);

    const change = { FeatureGroupName: "provisioned", ...provision(100) };
    await setup.control.send(new UpdateFeatureGroupCommand(change));
    await expect
      .poll(() =>
        put("b").then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });

  it("throttles a call beyond those of a second as a whole, a batch as well", async () => {
    await order({ pace: { calls: 0.01, batchGetRecordCalls: 0.01 } });
    const batch = () =>
      setup.runtime.send(
        new BatchGetRecordCommand({
          Identifiers: [{ FeatureGroupName: "orders", RecordIdentifiersValueAsString: ["a"] }],
        }),
      );
    // A bucket that holds less than one call is never full enough for another.
    await batch();
    await putOrder(setup, { customer_id: "a" });

    expect(await errorOf(batch())).toMatchObject(THROTTLED);
    expect(await errorOf(putOrder(setup, { customer_id: "b" }))).toMatchObject(THROTTLED);
    await get("b");
  });
});

describe("A group that was just created", () => {
  it("is not found by any call on records for a while, each in its own words, though it is described as Created", async () => {
    const bornMs = Date.parse("2026-01-01T00:00:00Z");
    await admin(setup, "PUT", "clock", { nowMs: bornMs });
    await order({ group: "fresh", notFoundForMs: 5_000 });
    const OnlineStoreConfig = { EnableOnlineStore: true, StorageType: "Standard_V2" as const };
    await createOrders(setup, { FeatureGroupName: "fresh", OnlineStoreConfig });
    await expect.poll(() => statusOf(setup, "fresh")).toBe("Created");
    const list = () => setup.runtime.send(new ListRecordsCommand({ FeatureGroupName: "fresh" }));
    const entry = { FeatureGroupName: "fresh", Record: anOrder({ customer_id: "a" }) };
    const other = { FeatureGroupName: "orders", Record: anOrder({ customer_id: "a" }) };
    const write = () => setup.runtime.send(new BatchWriteRecordCommand({ Entries: [entry, other] }));
    const message = expect.stringMatching(/^Resource Not Found/);
    await admin(setup, "PUT", "clock", { nowMs: bornMs + 4_999 });

    expect(await errorOf(putOrder(setup, {}, "fresh"))).toMatchObject({ name: "ValidationError", message });
    expect(await errorOf(list())).toMatchObject({ name: "ResourceNotFound", status: 404, message });
    expect((await write()).Errors).toMatchObject([{ Entry: entry, ErrorCode: "ResourceNotFound" }]);

    await admin(setup, "PUT", "clock", { nowMs: bornMs + 5_000 });
    expect((await write()).Errors).toEqual([]);
    expect((await list()).RecordIdentifiers).toEqual(["a"]);
  });
});

describe("An idle connection", () => {
  it("is reset after the time that was set, a minute otherwise, and not while a call is under way", async () => {
    await order({ idleMs: 100, latencyMs: 150 });
    const ending = await new Promise<string>((resolve, reject) => {
      const { port, hostname } = new URL(setup.url);
      const socket = connectSocket(Number(port), hostname, () =>
        socket.write(
          `GET /FeatureGroup/orders?RecordIdentifierValueAsString=a HTTP/1.1\r\n${SIGNED}\r\n\r\n`,
        ),
      );
      let answer = "";
      socket.setEncoding("utf8").on("data", (text) => {
        answer += text;
      });
      socket.on("error", (error) => resolve(`${answer.split("\r\n")[0]}, ${Reflect.get(error, "code")}`));
      socket.on("end", () => reject(new Error("ended in peace")));
    });

    expect(ending).toBe("HTTP/1.1 200 OK, ECONNRESET");
    expect(await order({ group: "orders", idleMs: 100 })).toMatchObject({
      Message: "idleMs: a connection belongs to no group",
    });
  });
});

describe("A reset connection", () => {
  it("leaves no effect, or one that the caller was not told of", async () => {
    await order({ resetRate: 1 });
    expect((await errorOf(putOrder(setup, { customer_id: "a" }))).status).toBeNaN();
    await order({ resetAfterEffectRate: 1 });
    await errorOf(putOrder(setup, { customer_id: "b" }));
    await admin(setup, "DELETE", "faults");

    expect(await getOrder(setup, "a")).toBeUndefined();
    expect(await getOrder(setup, "b")).toBeDefined();
  });
});

describe("Faults", () => {
  it.each([
    ["InternalFailure", 500],
    ["ServiceUnavailable", 503],
    ["AccessForbidden", 403],
  ])("are answered as %s", async (errorName, status) => {
    await order({ errorRate: 1, errorName });

    expect(await errorOf(get("a"))).toMatchObject({ name: errorName, status });
  });

  it("take as long as a distribution says, the same again for the same seed", async () => {
    const latencyOf = async () => {
      await order({ latencyMs: { p50: 20, p99: 60 }, seed: 7 });
      const times: number[] = [];
      for (let call = 0; call < 5; call += 1) {
        const beganMs = performance.now();
        await get("a");
        times.push(performance.now() - beganMs);
      }
      return times;
    };
    const times = await latencyOf();

    expect(Math.max(...times)).toBeGreaterThan(15);
    expect(new Set(times.map((time) => Math.round(time / 5))).size).toBeGreaterThan(1);
  });

  it("can be read back, the general ones first, and cleared, those of one group alone too", async () => {
    await order({ group: "orders", errorRate: 0.5 });
    await order({ throttleRate: 0.25, seed: 3 });

    expect(await admin(setup, "GET", "faults")).toMatchObject({
      faults: [
        { throttleRate: 0.25, seed: 3 },
        { group: "orders", errorRate: 0.5 },
      ],
    });
    await admin(setup, "DELETE", "faults", { group: "orders" });
    expect(await admin(setup, "GET", "faults")).toMatchObject({ faults: [{ throttleRate: 0.25 }] });
    await admin(setup, "DELETE", "faults");
    expect(await admin(setup, "GET", "faults")).toEqual({ faults: [] });
  });

  it.each([
    [{ errorRate: 0.6, resetRate: 0.6 }, "exceed 1"],
    [{ latencyMs: { p50: 5, p99: 1 } }, "latencyMs: p99 is below p50"],
    [{ latencyMs: "slow" }, "latencyMs: must be from 0 to 60000"],
    [{ pace: { writeUnits: 0 } }, "pace.writeUnits"],
    [{ pace: "azure" }, 'pace: must be "aws" or an object'],
    [{ errorName: "Teapot" }, "errorName"],
    [{ group: "-" }, "group"],
    [{ notFoundForMs: -1 }, "notFoundForMs"],
  ])("that cannot be, as %j, are refused by member and rule", async (faults, rule) => {
    expect(await order(faults)).toMatchObject({ Message: expect.stringContaining(rule) });
  });
});
