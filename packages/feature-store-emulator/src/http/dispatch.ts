// Decides: which of the three surfaces a request belongs to, and runs it: runtime, control plane or admin.
// Leaves to others: the operations, and the form of the answer (reply.ts).
import type { IncomingMessage } from "node:http";
import { parse as parseQuery } from "node:querystring";
import { setTimeout as delay } from "node:timers/promises";
import { ADMIN_PREFIX, adminOperations } from "../admin/operations.ts";
import { AwsError, serializationException } from "../aws-error.ts";
import { controlOperations } from "../control/operations.ts";
import type { Emulator } from "../emulator.ts";
import { ConnectionCut, throttled } from "../faults.ts";
import { batchGroupName, findRuntimeRoute } from "../runtime/operations.ts";
import type { Query } from "../runtime/request.ts";
import { type Body, parseJsonObject, readBody, toInput } from "./read-body.ts";
import type { Protocol } from "./reply.ts";
import { checkSigned } from "./signature.ts";

export function protocolOf(request: IncomingMessage): Protocol {
  return request.headers["x-amz-target"] === undefined ? "restJson1" : "awsJson1.1";
}

/** Runs one request to its end. Returns the JSON text of the answer, if any. @throws AwsError for every refusal. */
export async function dispatch(emulator: Emulator, request: IncomingMessage): Promise<string | undefined> {
  const { method = "", url = "" } = request;
  const bytes = await readBody(request);
  if (url.startsWith(ADMIN_PREFIX) || request.headers["x-amz-target"] !== undefined)
    emulator.database.transactions.settle(); // these change things at once, and must not be part of what is still open
  if (url.startsWith(ADMIN_PREFIX)) return runAdmin(emulator, `${method} ${url}`, bytes);
  checkSigned(request.headers.authorization);
  const body = { bytes, contentType: request.headers["content-type"] };
  const target = request.headers["x-amz-target"];
  if (typeof target === "string") return runControl(emulator, `${method} ${url}`, target, body);
  return runRuntime(emulator, method, url, body);
}

/** Any content type will do here: these are called by hand. */
async function runAdmin(emulator: Emulator, route: string, bytes: Buffer): Promise<string> {
  const operation = adminOperations.get(route);
  if (operation === undefined) throw unknownOperation(404);
  return JSON.stringify(await operation(emulator, parseJsonObject(bytes)));
}

function runControl(emulator: Emulator, route: string, target: string, body: Body): string {
  const operation = controlOperations.get(target);
  if (operation === undefined || route !== "POST /") throw unknownOperation(400);
  return JSON.stringify(operation(emulator, toInput(body)));
}

async function runRuntime(
  emulator: Emulator,
  method: string,
  url: string,
  body: Body,
): Promise<string | undefined> {
  const queryStart = url.indexOf("?");
  const route = findRuntimeRoute(method, queryStart < 0 ? url : url.slice(0, queryStart));
  if (route === undefined) throw unknownOperation(404);
  const query: Query = queryStart < 0 ? {} : toQuery(url.slice(queryStart + 1));
  const input = toInput(body);
  const groupName = route.groupSegment === undefined ? "" : decodePart(route.groupSegment, "path");
  const run = () => route.operation(emulator, { groupName, query, body: input });
  if (emulator.faults.isEmpty) return run();
  const faulty = route.batchMember === undefined ? groupName : batchGroupName(input, route.batchMember);
  return runWithFaults(emulator, { operation: route.name, groupName: faulty }, run);
}

/** A call to several groups suffers the faults of the first. */
async function runWithFaults<T>(
  { faults }: Emulator,
  { operation, groupName }: { readonly operation: string; readonly groupName: string },
  run: () => T | Promise<T>,
): Promise<T> {
  const latencyMs = faults.latencyMs(groupName);
  if (latencyMs > 0) await delay(latencyMs);
  if (faults.paceOf(groupName)?.takesCall(operation) === false) throw throttled();
  const isCutAfterwards = faults.strikeCall(groupName);
  const reply = await run();
  if (isCutAfterwards) throw new ConnectionCut();
  return reply;
}

/** Node would make one text of all bytes that are no UTF-8, and so one record of several. */
function toQuery(text: string): Query {
  if (text.includes("%")) decodePart(text, "query");
  return parseQuery(text, "&", "=", { maxKeys: 0 });
}

function decodePart(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw serializationException(`The ${part} must be percent-encoded UTF-8`);
  }
}

function unknownOperation(status: number): AwsError {
  return new AwsError(
    "UnknownOperationException",
    status,
    "The requested operation is not recognized by the service.",
  );
}
