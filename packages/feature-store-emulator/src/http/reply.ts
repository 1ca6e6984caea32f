// Decides: the bytes of every answer, in the form of the protocol it was asked in.
// Leaves to others: what is answered.
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { AwsError } from "../aws-error.ts";

/** REST-JSON of the runtime, JSON 1.1 of the control plane. Admin answers take the first. */
export type Protocol = "restJson1" | "awsJson1.1";

const CONTENT_TYPES = { restJson1: "application/json", "awsJson1.1": "application/x-amz-json-1.1" } as const;

export function sendJson(response: ServerResponse, protocol: Protocol, json: string | undefined): void {
  send(response, 200, protocol, json ?? "", {});
}

export function sendError(response: ServerResponse, protocol: Protocol, error: AwsError): void {
  const body =
    protocol === "restJson1" ? { Message: error.message } : { __type: error.name, message: error.message };
  send(response, error.status, protocol, JSON.stringify(body), { "x-amzn-errortype": error.name });
}

function send(
  response: ServerResponse,
  status: number,
  protocol: Protocol,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    "x-amzn-requestid": randomUUID(),
    "content-type": CONTENT_TYPES[protocol],
    "content-length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
