// How AWS is called and what its errors become, by real clients against a server of this test that is silent, slow, busy
// or refuses; and that no adapter calls in another way.

import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { toCallError } from "../../../packages/adapters/src/aws/call-failure.ts";
import * as settings from "../../../packages/adapters/src/aws/client-settings.ts";
import { awsOptions } from "../../support/aws-resources.ts";

const QUICK = { requestTimeoutMs: 200, socketTimeoutMs: 10_000, maxAttempts: 3, maxSockets: 2 };
const GET = new GetItemCommand({ TableName: "canary-table", Key: { id: { S: "canary-key" } } });

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

async function aServer(answer: Answer) {
  const sockets = new Set<unknown>();
  let requestCount = 0;
  const server = createServer((request, response) => {
    requestCount += 1;
    request.resume().on("end", () => answer(response, request));
  });
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  const client = new DynamoDBClient(settings.clientSettings(awsOptions(url), QUICK));
  onTestFinished(() => client.destroy());
  return { url, client, close, requests: () => requestCount, connections: () => sockets.size };
}

const refuse =
  (status: number, type: string): Answer =>
  (response) => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify({ __type: type, message: "it was canary-key" }));
  };

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return toCallError("the ledger could not be read", error, {
    conflict: new Set(["ConditionalCheckFailedException"]),
    invalid: new Set(["ValidationException"]),
  });
}

describe("a client made with clientSettings", () => {
  it("gives up a server that is silent after its tries, as unavailable", async () => {
    const { client, requests } = await aServer(() => undefined);
    const startMs = performance.now();

    const failure = await failureOf(client.send(GET));

    expect(failure).toMatchObject({ name: "UnavailableError", retryable: true });
    expect(requests()).toBe(3);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(3 * 190);
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  it("gives up an answer whose body stalls", async () => {
    const { url } = await aServer((response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("short");
    });
    const client = new S3Client({
      ...settings.clientSettings(awsOptions(url), { ...QUICK, socketTimeoutMs: 200 }),
      forcePathStyle: true,
    });
    onTestFinished(() => client.destroy());
    const { Body } = await client.send(new GetObjectCommand({ Bucket: "b", Key: "k" }));

    const failure = await failureOf(Body?.transformToByteArray() ?? Promise.resolve());

    expect(failure).toMatchObject({ name: "UnavailableError" });
  });

  it.each([
    [500, "InternalServerError"],
    [503, "ServiceUnavailable"],
    [400, "ProvisionedThroughputExceededException"],
    [400, "ThrottlingException"],
  ])("tries again after %i %s, and says unavailable when that outlasts its tries", async (status, type) => {
    const { client, requests } = await aServer(refuse(status, type));

    const failure = await failureOf(client.send(GET));

    expect(failure).toMatchObject({ name: "UnavailableError" });
    expect(requests()).toBe(3);
  });

  it("keeps its connections, and opens no more than it is allowed", async () => {
    const { client, connections } = await aServer((response) => {
      response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
      response.end("{}");
    });

    for (let round = 0; round < 3; round += 1)
      await Promise.all(Array.from({ length: 6 }, () => client.send(GET)));

    expect(connections()).toBe(2);
  });
});

describe("toCallError", () => {
  it.each([
    ["ResourceNotFoundException", "NotFoundError"],
    ["ConditionalCheckFailedException", "ConflictError"],
    ["ValidationException", "InvalidInputError"],
    ["AccessDeniedException", "AccessDeniedException"],
  ])("makes of a refusal called %s a %s, at once, without the service's words", async (type, name) => {
    const { client, requests } = await aServer(refuse(400, type));

    const failure = await failureOf(client.send(GET));

    expect(failure).toMatchObject({ name, message: `the ledger could not be read: ${type}` });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain("canary");
    expect(requests()).toBe(1);
  });

  it("says unavailable where nobody listens", async () => {
    const { client, close } = await aServer(() => undefined);
    await close();

    expect(await failureOf(client.send(GET))).toMatchObject({ name: "UnavailableError" });
  });

  it("passes on what no service sent", async () => {
    const fault = new RangeError("of our own");

    expect(toCallError("x", fault)).toBe(fault);
  });
});

describe("the settings of all calls", () => {
  it.each(Object.entries(settings).filter(([name]) => name.endsWith("_CALLS")))(
    "%s end within a function's life, and let no try of a call wait for ever",
    (_, calls) => {
      const { requestTimeoutMs, socketTimeoutMs, maxAttempts, maxSockets } = calls as settings.CallSettings;

      expect(requestTimeoutMs * maxAttempts).toBeLessThanOrEqual(120_000);
      expect(Math.min(requestTimeoutMs, socketTimeoutMs)).toBeGreaterThanOrEqual(1_000);
      expect(maxAttempts).toBeGreaterThanOrEqual(1);
      expect(maxSockets).toBeGreaterThanOrEqual(1);
    },
  );
});

describe("the adapters", () => {
  const root = join(import.meta.dirname, "../../../packages/adapters/src");
  const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("aws/"))
    .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
  const made = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/new [A-Z]\w*Client\((.*)/g)].map(([, options = ""]) => ({ file, options })),
  );

  it("make every client of AWS with clientSettings, and no handler of their own", () => {
    expect(made.length).toBeGreaterThanOrEqual(11);
    expect(made.filter(({ options }) => !options.startsWith("clientSettings("))).toEqual([]);
    expect(sources.filter(({ text }) => text.includes("node-http-handler")).map(({ file }) => file)).toEqual(
      [],
    );
  });

  it("let no error of a client pass by the one mapping", () => {
    const calling = sources.filter(({ text }) => /client\.send\(|#client\.send\(/.test(text));
    const mapping = /from "(\.\.\/aws\/call-failure|\.\/s3-answers|\.\/call-failure|\.\/patient-call)\.ts"/;

    expect(calling.length).toBeGreaterThan(8);
    expect(calling.filter(({ text }) => !mapping.test(text)).map(({ file }) => file)).toEqual([
      "objects/s3-upload.ts",
    ]);
  });
});
