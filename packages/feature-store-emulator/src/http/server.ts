// Decides: the life of the HTTP server and of its connections.
// Leaves to others: every request (dispatch.ts), and bytes that are none (garbage.ts).
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AwsError } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { ConnectionCut } from "../faults.ts";
import { dispatch, protocolOf } from "./dispatch.ts";
import { Garbage } from "./garbage.ts";
import { sendError, sendJson } from "./reply.ts";

/** Enough for a GetRecord that names each of 2,500 features. AWS's own figure is not published. */
const HEAD_BYTES_MAX = 256 * 1024;
/** What requests under way get to finish when the server closes. */
const CLOSE_GRACE_MS = 1_000;

/** Listens. @throws when the port is taken. */
export function listen(emulator: Emulator, port: number, host: string): Promise<Server> {
  const garbage = new Garbage();
  const options = {
    noDelay: true,
    maxHeaderSize: HEAD_BYTES_MAX,
    requireHostHeader: false,
    keepAliveTimeout: emulator.faults.idleMs,
    keepAliveTimeoutBuffer: 0,
  };
  const server = createServer(options, (request, response) => {
    server.keepAliveTimeout = emulator.faults.idleMs;
    garbage.noteResponse(request.socket, response);
    void answer(emulator, request, response);
  });
  server.on("timeout", (socket: Socket) => socket.resetAndDestroy());
  server.on("clientError", (error, socket: Socket) => garbage.refuse(socket, error));
  server.on("connect", (_request, socket: Socket) => garbage.refuse(socket));
  server.on("checkExpectation", (request, response) => {
    const error = new AwsError("ExpectationFailed", 417, "Expect must be 100-continue");
    sendError(response, protocolOf(request), error);
  });
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
