// Decides how an answer that comes in parts leaves Lambda behind an HTTP API, which sends answers whole: what has come within
// some seconds, and a reader of events asks again.

import type { ApiResult } from "../_runtime/api-event.ts";

/** An HTTP API waits 30 s for a function (API Gateway quotas, read 2026-11-22). */
const COLLECT_MS = 20_000;

type ApiHandler = (event: unknown, context: object) => Promise<ApiResult>;

export function wholeAnswer(handler: ApiHandler, collectMs = COLLECT_MS): ApiHandler {
  return async (event, context) => {
    const result = await handler(event, context);
    if (typeof result.body === "string") return result;
    return { ...result, body: await collect(result.body, collectMs) };
  };
}

async function collect(parts: AsyncIterable<string>, collectMs: number): Promise<string> {
  const deadlineMs = performance.now() + collectMs;
  let text = "";
  for await (const part of parts) {
    text += part;
    if (performance.now() >= deadlineMs) break;
  }
  return text;
}
