// Decides: how the bytes of a request become a JSON value.
// Leaves to others: what the value means.
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { AwsError, serializationException } from "../aws-error.ts";
import { BODY_BYTES_MAX } from "../rules/limits.ts";
import type { JsonObject } from "../rules/shape.ts";

export interface Body {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
}

/** Beyond this the connection is cut without an answer, so that nobody can keep the emulator reading. */
const DRAIN_BYTES_MAX = 64 * 1024 * 1024;

/** Of the runtime's protocol and of the control plane's. */
const CONTENT_TYPE = /^application\/(?:json|x-amz-json-1\.[01])\s*(?:;|$)/i;

/** The whole body; what is too large is read to its end and dropped, so that its sender can read the answer. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let byteCount = 0;
    request.on("data", (chunk: Buffer) => {
      byteCount += chunk.length;
      if (byteCount <= BODY_BYTES_MAX) chunks.push(chunk);
      else chunks.length = 0;
      if (byteCount > DRAIN_BYTES_MAX) request.destroy();
    });
    request.on("end", () => {
      const [only] = chunks;
      if (byteCount > BODY_BYTES_MAX) reject(tooLarge());
      else resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
    });
    request.on("error", reject);
    request.on("close", () => {
      // An error takes longer to make than a small body to read.
      if (!request.complete) reject(new Error("the request ended before its body"));
    });
  });
}

/** The members of a request. @throws SerializationException, or UnsupportedMediaTypeException as Smithy's restJson1 has it */
export function toInput({ bytes, contentType }: Body): JsonObject {
  if (bytes.length > 0 && contentType !== undefined && !CONTENT_TYPE.test(contentType))
    throw new AwsError("UnsupportedMediaTypeException", 415, "The content type must be application/json");
  return parseJsonObject(bytes);
}

/** The body as a JSON object; an empty one has no members. @throws SerializationException */
export function parseJsonObject(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  const value = parseJson(body);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw serializationException("The body must be a JSON object");
  }
  return value as JsonObject;
}

function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw serializationException("The body must be UTF-8");
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    // The parser's message quotes the body, which may be personal data.
    throw serializationException("The body must be JSON");
  }
}

function tooLarge(): AwsError {
  return new AwsError(
    "RequestEntityTooLargeException",
    413,
    `The body must be at most ${BODY_BYTES_MAX} bytes`,
  );
}
