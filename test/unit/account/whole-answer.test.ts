// How an answer that comes in parts is sent whole.

import { wholeAnswer } from "@steward/functions/_account/whole-answer.ts";
import type { ApiResult } from "@steward/functions/_runtime/api-event.ts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const COLLECT_MS = 20_000;
const PART_EVERY_MS = 6_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function answering(body: ApiResult["body"]) {
  const headers = { "content-type": "text/event-stream" };
  return wholeAnswer(async () => ({ statusCode: 200, headers, body }), COLLECT_MS);
}

/** One part every six seconds, without end unless `last` is given. */
function events({ last = Number.POSITIVE_INFINITY } = {}) {
  const seen = { begun: 0, isClosed: false };
  async function* parts(): AsyncGenerator<string> {
    try {
      while (seen.begun < last) {
        seen.begun += 1;
        await new Promise((done) => setTimeout(done, PART_EVERY_MS));
        yield `event ${seen.begun}\n`;
      }
    } finally {
      seen.isClosed = true;
    }
  }
  return { parts: parts(), seen };
}

describe("wholeAnswer", () => {
  it("passes an answer that is whole on as it is", async () => {
    const answer = await answering("{}")({}, {});

    expect(answer).toEqual({ statusCode: 200, headers: { "content-type": "text/event-stream" }, body: "{}" });
  });

  it("sends all parts of an answer that ends in time, as soon as it has ended", async () => {
    const { parts, seen } = events({ last: 3 });

    const answering3 = answering(parts)({}, {});
    await vi.advanceTimersByTimeAsync(3 * PART_EVERY_MS);

    expect((await answering3).body).toBe("event 1\nevent 2\nevent 3\n");
    expect(seen.isClosed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("sends what has come when the time is up, though the next part is still awaited, and lets the source end", async () => {
    const { parts, seen } = events();
    let body: ApiResult["body"] | undefined;

    answering(parts)({}, {}).then((answer) => {
      body = answer.body;
    });
    await vi.advanceTimersByTimeAsync(COLLECT_MS - 1);
    expect(body).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);

    expect(body).toBe("event 1\nevent 2\nevent 3\n");
    await vi.advanceTimersByTimeAsync(PART_EVERY_MS);
    expect(seen).toEqual({ begun: 4, isClosed: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("fails with a source that fails in time; what fails later disturbs nobody", async () => {
    async function* failing(afterMs: number): AsyncGenerator<string> {
      yield "begun\n";
      await new Promise((done) => setTimeout(done, afterMs));
      throw new Error("the source broke");
    }

    const early = expect(answering(failing(1_000))({}, {})).rejects.toThrow("the source broke");
    const late = answering(failing(COLLECT_MS + 1_000))({}, {});
    await vi.advanceTimersByTimeAsync(COLLECT_MS);

    await early;
    expect((await late).body).toBe("begun\n");
    await vi.advanceTimersByTimeAsync(1_000); // an error that nobody handled would fail the test
  });
});
