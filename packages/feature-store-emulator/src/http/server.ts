// Decides: the life of the HTTP server and of its connections.
// Leaves to others: every request (dispatch.ts).
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AwsError } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { ConnectionCut } from "../faults.ts";
import { dispatch, protocolOf } from "./dispatch.ts";
import { sendError, sendJson } from "./reply.ts";

/** AWS was seen to cut idle connections after a minute (github.com/aws/aws-sdk issue 752, read 2026-11-22). */
const KEEP_ALIVE_MS = 60_000;
/** What requests under way get to finish when the server closes. */
const CLOSE_GRACE_MS = 1_000;

/** Listens. @throws when the port is taken. */
export function listen(emulator: Emulator, port: number, host: string): Promise<Server> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
    void answer(emulator, request, response);
  });
  server.on("clientError", refuseGarbage);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

/** Takes no new requests, lets those under way finish for a moment, then cuts them. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(timer);
}

async function answer(emulator: Emulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const protocol = protocolOf(request);
  try {
    sendJson(response, protocol, await dispatch(emulator, request));
  } catch (error) {
    if (error instanceof ConnectionCut) request.socket.resetAndDestroy();
    else sendError(response, protocol, toAwsError(error));
  }
}

/** Nothing of an unforeseen fault's message leaves: it could quote a record. */
function toAwsError(error: unknown): AwsError {
  return error instanceof AwsError
    ? error
    : new AwsError("InternalFailure", 500, "An internal failure occurred.");
}

/** Bytes that are no HTTP, as from two clients sharing one socket, end this connection and no other. */
function refuseGarbage(_error: Error, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = '{"Message":"The request is not HTTP"}';
  const head = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\nx-amzn-errortype: SerializationException";
  socket.end(`${head}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
}
