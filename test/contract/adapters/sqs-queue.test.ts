// The queue on SQS, against MiniStack, on real time.

import { setTimeout as sleep } from "node:timers/promises";
import type { SendMessageBatchCommandInput } from "@aws-sdk/client-sqs";
import { SystemTimer } from "@steward/adapters";
import { createSqsClient, SqsQueue } from "@steward/adapters/aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsOptions, createQueues } from "../../support/aws-resources.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { describeQueue } from "../ports/queue.ts";

/** Beyond what the service's clock and ours may differ by within a second. */
const MARGIN_MS = 100;

let ministack: MiniStack;
beforeAll(async () => {
  ministack = await startMiniStack();
}, 300_000);
afterAll(() => ministack.stop());

async function aQueue() {
  const urls = await createQueues(ministack.url);
  const client = createSqsClient(awsOptions(ministack.url));
  // It has one server, which knows at once whether a message is visible.
  const open = () => new SqsQueue({ client, ...urls, timer: new SystemTimer(), waitSeconds: 0 });
  return { client, open };
}

describeQueue("SqsQueue", async () => {
  const { client, open } = await aQueue();
  return {
    open: async () => open(),
    advance: (durationMs) => sleep(durationMs + MARGIN_MS),
    close: async () => client.destroy(),
  };
});

describe("SqsQueue", () => {
  it("sends again those of a batch that SQS did not take, and no others", async () => {
    const { client, open } = await aQueue();
    let calls = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== "SendMessageBatchCommand") return next(args);
        calls += 1;
        const input = args.input as SendMessageBatchCommandInput & object;
        if (calls > 1) return next(args);
        const [refused, ...taken] = input.Entries ?? [];
        const result = await next({ ...args, input: { ...input, Entries: taken } });
        const Failed = [{ Id: refused?.Id, SenderFault: false, Code: "InternalError" }];
        return { ...result, output: { ...result.output, Failed } };
      },
      { step: "initialize" },
    );

    await open().send(["a", "b", "c"]);

    const bodies = (await open().receive(10, 5_000)).map(({ body }) => body);
    expect([...bodies].sort()).toEqual(["a", "b", "c"]);
    expect(calls).toBe(2);
  });

  it("keeps a dead letter when the process dies between its sending and its removal", async () => {
    const { client, open } = await aQueue();
    await open().send(["poison"]);
    for (let received = 0; received < 4; received += 1)
      for (const { receipt } of await open().receive(1, 5_000)) await open().release(receipt, 0);
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === "DeleteMessageCommand") throw new Error("killed");
        return next(args);
      },
      { step: "initialize", name: "kill" },
    );

    await expect(open().redrive()).rejects.toThrow("killed");

    expect(await open().depth()).toEqual({ ready: 1, inFlight: 0, deadLetters: 1 });
  });
});
