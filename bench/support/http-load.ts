// Sends requests over a few kept connections, one at a time on each, with as little work of its own as can be.

import { connect, type Socket } from "node:net";

export interface LoadResult {
  readonly seconds: number;
  /** Of each request, in milliseconds, ascending. */
  readonly latenciesMs: readonly number[];
}

/** @throws when an answer is not 200. */
export async function load(
  port: number,
  requests: readonly Buffer[],
  connections: number,
): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  let next = 0;
  const startedMs = performance.now();
  const lane = async (): Promise<void> => {
    const socket = await open(port);
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const sentMs = performance.now();
      await exchange(socket, request);
      latenciesMs.push(performance.now() - sentMs);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, lane));
  const seconds = (performance.now() - startedMs) / 1_000;
  return { seconds, latenciesMs: latenciesMs.sort((left, right) => left - right) };
}

export function toRequest(method: string, path: string, body: string | undefined): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "host: 127.0.0.1",
    "authorization: AWS4-HMAC-SHA256 Credential=local/20261125/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0a1b",
    ...(body === undefined
      ? []
      : ["content-type: application/json", `content-length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

function exchange(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const take = (chunk: Buffer): void => {
      answer += chunk.toString("latin1");
      const head = answer.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(answer)?.[1] ?? 0);
      if (answer.length < head + 4 + length) return;
      socket.off("data", take);
      if (answer.startsWith("HTTP/1.1 200 ")) resolve();
      else reject(new Error(`the server answered ${answer.slice(0, head)}`));
    };
    socket.on("data", take);
    socket.write(request);
  });
}
