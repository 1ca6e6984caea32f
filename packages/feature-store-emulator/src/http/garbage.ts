// Decides: what becomes of bytes that are no HTTP, as from two clients sharing one socket: an error, and the connection's end.
// Leaves to others: requests, however wrong (dispatch.ts).
import { randomUUID } from "node:crypto";
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { AwsError, serializationException } from "../aws-error.ts";

/** What its sender gets to read the answer and close. */
const LINGER_MS = 1_000;

export class Garbage {
  /** The latest of each connection. */
  readonly #responses = new WeakMap<Socket, ServerResponse>();
  readonly #refused = new WeakSet<Socket>();

  noteResponse(socket: Socket, response: ServerResponse): void {
    this.#responses.set(socket, response);
  }

  /** Ends this connection and no other. A whole request before the garbage is answered first, or its sender would take the error for its own. */
  refuse(socket: Socket, error?: Error): void {
    if (this.#refused.has(socket)) return;
    this.#refused.add(socket);
    const answer = toAnswer(error);
    const latest = this.#responses.get(socket);
    if (latest?.req.complete === true && !latest.writableFinished)
      latest.once("finish", () => end(socket, answer));
    else end(socket, answer);
  }
}

function end(socket: Socket, answer: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.setTimeout(LINGER_MS, () => socket.destroy());
  socket.end(answer);
}

/** For either protocol: nobody can tell which was meant. */
function toAnswer(error: Error | undefined): string {
  const { name, status, message } = toAwsError(error);
  const body = JSON.stringify({ __type: name, Message: message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "connection: close",
    `x-amzn-requestid: ${randomUUID()}`,
    `x-amzn-errortype: ${name}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

function toAwsError(error: Error | undefined): AwsError {
  const code = error !== undefined && "code" in error ? error.code : undefined;
  if (code === "HPE_HEADER_OVERFLOW")
    return new AwsError("RequestEntityTooLargeException", 413, "The path and the headers are too long");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new AwsError("RequestTimeoutException", 408, "The request did not come to its end in time");
  return serializationException("The request is not HTTP");
}
