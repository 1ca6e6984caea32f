// Bytes of calls are used again once a server has answered, and not a moment sooner: a call that failed may still be sent.

import type { Command } from "ioredis";
import { describe, expect, it } from "vitest";
import type { RedisClient } from "../../../packages/adapters/src/hot/redis-connection.ts";
import { redisScript, scriptCall, WireBuffers } from "../../../packages/adapters/src/hot/redis-script.ts";

const SCRIPT = redisScript("return 1");
const KEYS = ["growth:x:{0a1}"];

/** Keeps what it is sent, and answers when it is told to. */
function aClient() {
  const sent: Buffer[] = [];
  const answers: { resolve(answer: unknown): void; reject(error: Error): void }[] = [];
  const client = {
    sendCommand(command: Command) {
      sent.push(command.toWritable({} as never) as Buffer);
      return new Promise((resolve, reject) => answers.push({ resolve, reject }));
    },
  };
  return { client: client as unknown as RedisClient, sent, answers };
}

const callOf = (buffers: WireBuffers, text: string) => scriptCall(SCRIPT, KEYS, [Buffer.from(text)], buffers);
const memoryOf = (bytes: Buffer | undefined) => bytes?.buffer;

describe("the bytes of a call", () => {
  it("are used again once it is answered", async () => {
    const buffers = new WireBuffers();
    const { client, sent, answers } = aClient();
    const first = callOf(buffers, "one")(client);
    answers[0]?.resolve(1);
    await first;

    callOf(buffers, "two")(client);

    expect(memoryOf(sent[1])).toBe(memoryOf(sent[0]));
    expect(sent[1]?.toString()).toContain("two");
    expect(sent[1]?.toString()).not.toContain("one");
  });

  it("stay as they are while it is under way, and for ever once it failed", async () => {
    const buffers = new WireBuffers();
    const { client, sent, answers } = aClient();
    const first = callOf(buffers, "one")(client);
    callOf(buffers, "two")(client);
    expect(memoryOf(sent[1])).not.toBe(memoryOf(sent[0]));

    answers[0]?.reject(new Error("Command timed out"));
    await expect(first).rejects.toThrow("Command timed out");
    callOf(buffers, "three")(client);

    expect(memoryOf(sent[2])).not.toBe(memoryOf(sent[0]));
    expect(sent[0]?.toString()).toContain("one");
  });

  it("stay as they are where the server must be told the script, which is sent with them", async () => {
    const buffers = new WireBuffers();
    const { client, sent, answers } = aClient();
    const first = callOf(buffers, "one")(client);
    answers[0]?.reject(new Error("NOSCRIPT No matching script."));
    await new Promise((done) => setImmediate(done));
    answers[1]?.resolve(1);

    expect(await first).toBe(1);
    expect(sent[1]?.toString()).toContain("return 1");
    expect(sent[1]?.toString()).toContain("one");
  });

  it("are its own where it is larger than what is kept", () => {
    const buffers = new WireBuffers();
    const { client, sent } = aClient();
    callOf(buffers, "x".repeat(100_000))(client);

    expect(sent[0]?.length).toBeGreaterThan(100_000);
  });
});
