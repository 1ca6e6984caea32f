// Decides: what comes back over one connection that carries more, less or other bytes than one request after the other.
// Leaves to others: single requests (wire.test.ts), idle connections (pace.test.ts).
import { connect as connectSocket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anOrder, createOrders, getOrder, putOrder, type Setup, startSetup } from "./setup.ts";

const HEAD =
  "host: x\r\nauthorization: AWS4-HMAC-SHA256 Credential=local/20240501/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0a1b";
const CLOSE = "connection: close\r\n";
const NOT_HTTP = "400 SerializationException";

const bodyOf = (customer_id: string) => JSON.stringify({ Record: anOrder({ customer_id }) });
function aPut(customer_id: string, more = ""): string {
  const body = bodyOf(customer_id);
  return `PUT /FeatureGroup/orders HTTP/1.1\r\n${HEAD}\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;
}
const aGet = (customer_id: string, more = "") =>
  `GET /FeatureGroup/orders?RecordIdentifierValueAsString=${customer_id} HTTP/1.1\r\n${HEAD}\r\n${more}\r\n`;
function aChunkedPut(customer_id: string, secondLength?: string): string {
  const body = bodyOf(customer_id);
  const [first, second] = [body.slice(0, 20), body.slice(20)];
  const chunks = `14\r\n${first}\r\n${secondLength ?? second.length.toString(16)}\r\n${second}\r\n0\r\n\r\n`;
  return `PUT /FeatureGroup/orders HTTP/1.1\r\n${HEAD}\r\n${CLOSE}transfer-encoding: chunked\r\n\r\n${chunks}`;
}

describe("A connection", () => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await startSetup();
    await createOrders(setup);
  });
  afterEach(() => setup.close());

  /** Sends the parts, each once something has come back for the one before, and returns each answer's status and error or body. */
  function talk(...parts: readonly (string | Buffer)[]): Promise<string[]> {
    const { port, hostname } = new URL(setup.url);
    return new Promise((resolve, reject) => {
      const rest = [...parts];
      const socket = connectSocket(Number(port), hostname, () => socket.write(rest.shift() ?? ""));
      let text = "";
      socket.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
        const next = rest.shift();
        if (next !== undefined) socket.write(next);
      });
      socket.on("close", () => resolve(toAnswers(text))).on("error", reject);
    });
  }

  it("with requests sent ahead of their answers gets these in order, each of what was before it", async () => {
    const answers = await talk(aPut("a") + aGet("a") + aPut("b") + aGet("none") + aGet("b", CLOSE));

    expect(answers.map((answer) => answer.slice(0, 16))).toEqual([
      "200 ",
      '200 {"Record":[{',
      "200 ",
      "200 {}",
      '200 {"Record":[{',
    ]);
  });

  it("with a body in chunks is as good as one with its length, unless a chunk lies", async () => {
    expect(await talk(aChunkedPut("a"))).toEqual(["200 "]);
    expect(await getOrder(setup, "a")).toBeDefined();
    expect(await talk(aChunkedPut("b", "zz"))).toEqual([NOT_HTTP]);
    expect(await talk(aPut("c", "transfer-encoding: chunked\r\n"))).toEqual([NOT_HTTP]);
    expect([await getOrder(setup, "b"), await getOrder(setup, "c")]).toEqual([undefined, undefined]);
  });

  it.each([
    ["garbage", "\u0000garbage\r\n\r\n"],
    ["a TLS handshake", Buffer.from("1603010200010001fc0303", "hex")],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a tunnel", `CONNECT a:1 HTTP/1.1\r\n${HEAD}\r\n\r\n`],
  ])(
    "with bytes that are no HTTP gets 400, is closed, and leaves the emulator whole",
    async (_what, bytes) => {
      expect(await talk(bytes)).toEqual([NOT_HTTP]);
      await putOrder(setup);
      expect(await getOrder(setup)).toBeDefined();
    },
  );

  it("with garbage behind a whole request gets that request's own answer first", async () => {
    expect(await talk(`${aPut("a")}\u0000garbage\r\n\r\n`)).toEqual(["200 ", NOT_HTTP]);
    expect(await getOrder(setup, "a")).toBeDefined();
  });

  it("that two clients write to at once writes whole records or none", async () => {
    const [mine, other] = [aPut("mine"), aPut("other")];
    const half = mine.length / 2;
    const answers = await talk(aPut("before"), mine.slice(0, half) + other.slice(0, half), mine.slice(half));

    expect(answers[0]).toBe("200 ");
    expect(answers.slice(1).every((answer) => /^4\d\d \w+Exception$/.test(answer))).toBe(true);
    expect(answers.at(-1)).toBe(NOT_HTTP);
    expect(await getOrder(setup, "before")).toBeDefined();
    expect([await getOrder(setup, "mine"), await getOrder(setup, "other")]).toEqual([undefined, undefined]);
  });

  it("that ends before its request does leaves no effect", async () => {
    const { port, hostname } = new URL(setup.url);
    await new Promise<void>((resolve, reject) => {
      const socket = connectSocket(Number(port), hostname, () => socket.end(aPut("cut").slice(0, -5)));
      socket.on("close", () => resolve()).on("error", reject);
      socket.resume();
    });

    expect(await getOrder(setup, "cut")).toBeUndefined();
  });

  it("with a head longer than any request needs gets 413, and with an odd expectation 417", async () => {
    expect(await talk(aGet("a", `x: ${"a".repeat(300_000)}\r\n`))).toEqual([
      "413 RequestEntityTooLargeException",
    ]);
    expect(await talk(aGet("a", `expect: much\r\n${CLOSE}`))).toEqual(["417 ExpectationFailed"]);
  });

  it("of an old client, without a host, is served and closed", async () => {
    const request = aGet("a").replace("HTTP/1.1", "HTTP/1.0").replace("host: x\r\n", "");

    expect(await talk(request)).toEqual(["200 {}"]);
  });
});

/** "status error" or "status body" of each answer, in order. */
function toAnswers(text: string): string[] {
  const answers: string[] = [];
  let rest = text;
  while (rest !== "") {
    const headEnd = rest.indexOf("\r\n\r\n") + 4;
    const head = rest.slice(0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    const error = /x-amzn-errortype: (\w+)/i.exec(head)?.[1];
    answers.push(`${head.slice(9, 12)} ${error ?? rest.slice(headEnd, headEnd + length)}`);
    rest = rest.slice(headEnd + length);
  }
  return answers;
}
