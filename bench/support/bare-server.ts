// The floor of the emulator's benchmark: an HTTP server that reads a body, parses it as JSON and answers 200. Prints its port.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const REPLY = '{"Errors":[],"UnprocessedEntries":[]}';
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    if (body.length > 0) JSON.parse(body.toString("utf8"));
    response.writeHead(200, { "content-type": "application/json", "content-length": REPLY.length });
    response.end(REPLY);
  });
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
