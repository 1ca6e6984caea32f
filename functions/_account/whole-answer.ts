// Decides how an answer that comes in parts leaves Lambda behind an HTTP API, which sends answers whole: what has come within
// some seconds, and a reader of events asks again.

import type { ApiResult } from "../_runtime/api-event.ts";

/** An HTTP API waits 30 s for a function (API Gateway quotas, from memory). */
const COLLECT_MS = 20_000;

type ApiHandler = (event: unknown, context: object) => Promise<ApiResult>;

export function wholeAnswer(handler: ApiHandler, collectMs = COLLECT_MS): ApiHandler {
  return async (event, context) => {
    const result = await handler(event, context);
    if (typeof result.body === "string") return result;
    return { ...result, body: await collect(result.body, collectMs) };
  };
}

/** Also where the next part is still awaited when the time is up: nobody reads it any more, whatever becomes of it. */
async function collect(source: AsyncIterable<string>, collectMs: number): Promise<string> {
  const parts = source[Symbol.asyncIterator]();
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<undefined>((done) => {
    timer = setTimeout(() => done(undefined), collectMs);
  });
  let text = "";
  try {
    for (;;) {
      const part = await Promise.race([timeIsUp, parts.next()]);
      if (part === undefined || part.done === true) break;
      text += part.value;
    }
  } finally {
    clearTimeout(timer);
    parts.return?.().catch(() => {}); // not awaited: it waits for the part that is under way
  }
  return text;
}
