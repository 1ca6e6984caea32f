// Decides: what the emulator answers to bytes that no SDK would send, in AWS's own form.
// Leaves to others: valid requests (the test of each operation), and what comes on one connection (connections.test.ts).
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anOrder, createOrders, getOrder, putOrder, type Setup, startSetup, statusOf } from "./setup.ts";

const SIGNED = {
  authorization:
    "AWS4-HMAC-SHA256 Credential=local/20240501/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0a1b",
  "content-type": "application/json",
};

describe("the wire", () => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await startSetup();
    await createOrders(setup);
  });
  afterEach(() => setup.close());

  async function call(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string | Uint8Array<ArrayBuffer>,
  ) {
    const reply = await fetch(setup.url + path, { method, headers, ...(body !== undefined && { body }) });
    const text = await reply.text();
    return {
      status: reply.status,
      errorType: reply.headers.get("x-amzn-errortype"),
      requestId: reply.headers.get("x-amzn-requestid"),
      contentType: reply.headers.get("content-type"),
      body: text === "" ? undefined : JSON.parse(text),
    };
  }
  const post = (body: string | Uint8Array<ArrayBuffer>) => call("POST", "/BatchWriteRecord", SIGNED, body);

  it("names errors of the runtime in a header, with a request id and a Message", async () => {
    const reply = await call("GET", "/FeatureGroup/missing?RecordIdentifierValueAsString=x", SIGNED);

    expect(reply).toMatchObject({
      status: 400,
      errorType: "ValidationError",
      contentType: "application/json",
    });
    expect(reply.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(reply.body).toEqual({
      Message: "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name missing",
    });
  });

  it("names errors of the control plane in __type", async () => {
    const target = { "x-amz-target": "SageMaker.DescribeFeatureGroup" };
    const reply = await call("POST", "/", { ...SIGNED, ...target }, '{"FeatureGroupName":"missing"}');

    expect(reply).toMatchObject({ status: 400, contentType: "application/x-amz-json-1.1" });
    expect(reply.body).toMatchObject({
      __type: "ResourceNotFound",
      message: expect.stringMatching(/^Resource Not Found/),
    });
  });

  it("answers PutRecord with 200 and an empty body", async () => {
    const record =
      '[{"FeatureName":"customer_id","ValueAsString":"c"},{"FeatureName":"event_time","ValueAsString":"2024-05-01T10:00:00Z"}]';
    const reply = await call("PUT", "/FeatureGroup/orders", SIGNED, `{"Record":${record}}`);

    expect(reply).toMatchObject({ status: 200, errorType: null, body: undefined });
  });

  it("refuses a request without a signature, with half a one, and for another service", async () => {
    const half = {
      authorization: "AWS4-HMAC-SHA256 Credential=local/20240501/us-east-1/sagemaker/aws4_request",
    };
    const other = { authorization: SIGNED.authorization.replace("/sagemaker/", "/s3/") };
    const path = "/FeatureGroup/orders?RecordIdentifierValueAsString=x";

    const replies = [
      await call("GET", path, {}),
      await call("GET", path, half),
      await call("GET", path, other),
    ];

    expect(replies.map((reply) => [reply.status, reply.errorType])).toEqual([
      [403, "MissingAuthenticationTokenException"],
      [403, "IncompleteSignatureException"],
      [403, "InvalidSignatureException"],
    ]);
  });

  it("answers unknown operations as AWS does: 404 on the runtime, 400 on the control plane", async () => {
    const runtime = await call("POST", "/FeatureGroup/orders/Nonsense", SIGNED, "{}");
    const patch = await call("PATCH", "/FeatureGroup/orders", SIGNED, "{}");
    const control = await call("POST", "/", { ...SIGNED, "x-amz-target": "SageMaker.Nonsense" }, "{}");

    expect([runtime, patch, control].map((reply) => [reply.status, reply.errorType])).toEqual([
      [404, "UnknownOperationException"],
      [404, "UnknownOperationException"],
      [400, "UnknownOperationException"],
    ]);
    expect(control.body).toMatchObject({ __type: "UnknownOperationException" });
  });

  it.each([
    ["broken JSON", '{"Entries":['],
    ["a list", "[]"],
    ["a number", "7"],
    ["bytes that are not UTF-8", new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])],
    ["a member of another type", '{"Entries":{}}'],
    ["an entry that is no object", '{"Entries":[5]}'],
  ])("answers %s with 400 SerializationException", async (_what, body) => {
    expect(await post(body)).toMatchObject({ status: 400, errorType: "SerializationException" });
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "application/xml", "application/jsonp"])(
    "answers a body of type %s with 415 and without effect, on both surfaces",
    async (type) => {
      const typed = { ...SIGNED, "content-type": type };
      const Record = ["customer_id", "event_time"].map((FeatureName) => ({
        FeatureName,
        ValueAsString: "c-1",
      }));
      const target = { "x-amz-target": "SageMaker.DeleteFeatureGroup" };
      const replies = [
        await call("PUT", "/FeatureGroup/orders", typed, JSON.stringify({ Record })),
        await call("POST", "/", { ...typed, ...target }, '{"FeatureGroupName":"orders"}'),
      ];

      expect(replies.map((reply) => [reply.status, reply.errorType])).toEqual([
        [415, "UnsupportedMediaTypeException"],
        [415, "UnsupportedMediaTypeException"],
      ]);
      expect(await statusOf(setup)).toBe("Created");
    },
  );

  it("takes every JSON type that the SDKs send, a charset beside it, and none at all", async () => {
    const types = ["application/json", "application/x-amz-json-1.1", "Application/JSON; charset=utf-8"];
    const bytes = new TextEncoder().encode("{}"); // fetch names no type of bytes
    const { "content-type": _type, ...untyped } = SIGNED;
    const list = (headers: Record<string, string>) =>
      call("POST", "/FeatureGroup/orders/ListRecords", headers, bytes);
    const typed = types.map((type) => list({ ...untyped, "content-type": type }));
    const replies = await Promise.all([...typed, list(untyped)]);

    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200, 200]);
  });

  it("refuses a path or a query that is no UTF-8, for several records would be one", async () => {
    const replies = [
      await call("GET", "/FeatureGroup/%FF?RecordIdentifierValueAsString=x", SIGNED),
      await call("GET", "/FeatureGroup/orders?RecordIdentifierValueAsString=%FF", SIGNED),
      await call("DELETE", "/FeatureGroup/orders?RecordIdentifierValueAsString=%zz&EventTime=x", SIGNED),
    ];

    expect(replies.map((reply) => [reply.status, reply.errorType])).toEqual([
      [400, "SerializationException"],
      [400, "SerializationException"],
      [400, "SerializationException"],
    ]);
  });

  it.each([1_000, 100_000])(
    "refuses JSON that is nested %i deep, and writes nothing of it",
    async (depth) => {
      const deep = "[".repeat(depth) + "]".repeat(depth);
      const record = JSON.stringify(anOrder({ customer_id: "beside" }));
      const good = `{"FeatureGroupName":"orders","Record":${record}}`;
      const target = { "x-amz-target": "SageMaker.CreateFeatureGroup" };
      const replies = [
        await post(`{"Entries":[${good},{"FeatureGroupName":"orders","Record":${deep}}]}`),
        await call("POST", "/", { ...SIGNED, ...target }, `{"FeatureGroupName":"new","Tags":${deep}}`),
      ];

      expect(replies.map((reply) => [reply.status, reply.errorType])).toEqual([
        [400, "SerializationException"],
        [400, "SerializationException"],
      ]);
      expect(await getOrder(setup, "beside")).toBeUndefined();
    },
  );

  it("takes a query as long as one that names every feature of the largest group", async () => {
    const names = Array.from({ length: 2_500 }, () => `FeatureName=${"f".repeat(64)}`).join("&");
    const path = `/FeatureGroup/orders?RecordIdentifierValueAsString=x&${names}`;

    expect(await call("GET", path, SIGNED)).toMatchObject({
      status: 400,
      errorType: "ValidationError",
      body: { Message: expect.stringContaining("does not define every FeatureName") },
    });
  });

  it("answers a 10 MB body with 413 and goes on serving", async () => {
    const reply = await post(" ".repeat(10_000_000));

    expect(reply).toMatchObject({ status: 413, errorType: "RequestEntityTooLargeException" });
    await putOrder(setup);
    expect(await getOrder(setup)).toBeDefined();
  });
});
