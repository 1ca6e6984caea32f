// Decides: what the emulator answers to bytes that no SDK would send, in AWS's own form.
// Leaves to others: valid requests (the test of each operation).
import { connect as connectSocket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOrders, getOrder, putOrder, type Setup, startSetup } from "./setup.ts";

const SIGNED = {
  authorization:
    "AWS4-HMAC-SHA256 Credential=local/20240501/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0a1b",
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

  it("answers a 10 MB body with 413 and goes on serving", async () => {
    const reply = await post(" ".repeat(10_000_000));

    expect(reply).toMatchObject({ status: 413, errorType: "RequestEntityTooLargeException" });
    await putOrder(setup);
    expect(await getOrder(setup)).toBeDefined();
  });

  it("answers bytes that are no HTTP with 400, closes that connection and goes on serving", async () => {
    const { port, hostname } = new URL(setup.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connectSocket(Number(port), hostname, () => socket.write("\u0000garbage\r\n\r\n"));
      let text = "";
      socket.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      socket.on("close", () => resolve(text)).on("error", reject);
    });

    expect(answer).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*\r\nx-amzn-errortype: SerializationException\r\n[\s\S]*"Message"/,
    );
    await putOrder(setup);
    expect(await getOrder(setup)).toBeDefined();
  });
});
