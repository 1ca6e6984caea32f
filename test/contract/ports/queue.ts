// The rules of the port Queue, for every adapter.

import { InvalidInputError, type Queue, type QueueMessage } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface QueueHarness {
  /** One more instance on the same, at first empty, queue, whose messages may be received three times. */
  open(): Promise<Queue>;
  /** Lets real time pass: at once with a timer of the test's own, by waiting elsewhere. */
  advance(durationMs: number): Promise<void>;
  close(): Promise<void>;
}

/** The least that SQS knows is a second. */
const VISIBILITY_MS = 1_000;
const MAX_RECEIVES = 3;

export function describeQueue(name: string, makeHarness: () => Promise<QueueHarness>): void {
  describe(name, () => {
    let harness: QueueHarness;
    let queue: Queue;

    beforeEach(async () => {
      harness = await makeHarness();
      queue = await harness.open();
    });

    afterEach(async () => {
      await harness.close();
    });

    async function receiveOne(): Promise<QueueMessage> {
      const [message] = await queue.receive(1, VISIBILITY_MS);
      if (message === undefined) throw new Error("nothing was visible");
      return message;
    }

    /** Receives and gives back until the messages have gone to the dead letters. */
    async function exhaust(): Promise<void> {
      for (let received = 0; received <= MAX_RECEIVES; received += 1) {
        for (const { receipt } of await queue.receive(10, VISIBILITY_MS)) await queue.release(receipt, 0);
      }
    }

    describe("receive", () => {
      it("gives each message sent, once while it is hidden, with its body and first count", async () => {
        const bodies = ["a", '{"chunk":7}', "é😀", "x".repeat(10_000)];
        await queue.send(bodies);

        const received = [
          ...(await queue.receive(10, VISIBILITY_MS)),
          ...(await queue.receive(10, VISIBILITY_MS)),
        ];

        expect(received.map(({ body }) => body).sort()).toEqual([...bodies].sort());
        expect(received.every(({ receiveCount }) => receiveCount === 1)).toBe(true);
        expect(new Set(received.map(({ id }) => id)).size).toBe(4);
      });

      it("gives at most as many as asked for", async () => {
        await queue.send(["a", "b", "c"]);

        expect(await queue.receive(2, VISIBILITY_MS)).toHaveLength(2);
      });

      it("gives nothing when nothing is visible", async () => {
        expect(await queue.receive(10, VISIBILITY_MS)).toEqual([]);
      });

      it("gives a message again, counted, once its time hidden is over", async () => {
        await queue.send(["a"]);
        const first = await receiveOne();

        await harness.advance(VISIBILITY_MS);
        const second = await receiveOne();

        expect(second).toMatchObject({ id: first.id, body: "a", receiveCount: 2 });
        expect(second.receipt).not.toBe(first.receipt);
      });

      it("hands no message to two receivers at once", async () => {
        const queues = await Promise.all([harness.open(), harness.open(), harness.open()]);
        await queue.send(Array.from({ length: 20 }, (_, index) => `message ${index}`));

        const rounds: QueueMessage[] = [];
        for (let round = 0; round < 3; round += 1) {
          const received = await Promise.all(queues.map((each) => each.receive(10, VISIBILITY_MS)));
          rounds.push(...received.flat());
        }

        expect(rounds).toHaveLength(20);
        expect(new Set(rounds.map(({ id }) => id)).size).toBe(20);
      });

      it("moves a message received too often to the dead letters instead of giving it", async () => {
        await queue.send(["poison"]);
        const counts: number[] = [];
        for (let received = 0; received < MAX_RECEIVES; received += 1) {
          counts.push((await receiveOne()).receiveCount);
          await harness.advance(VISIBILITY_MS);
        }

        const beyond = await queue.receive(10, VISIBILITY_MS);

        expect(counts).toEqual([1, 2, 3]);
        expect(beyond).toEqual([]);
        expect((await queue.listDeadLetters(10)).map(({ body }) => body)).toEqual(["poison"]);
        expect(await queue.depth()).toEqual({ ready: 0, inFlight: 0, deadLetters: 1 });
      });

      it("refuses a number of messages that SQS does not take", async () => {
        await expect(queue.receive(0, VISIBILITY_MS)).rejects.toThrow(InvalidInputError);
        await expect(queue.receive(11, VISIBILITY_MS)).rejects.toThrow(InvalidInputError);
      });
    });

    describe("send", () => {
      it("keeps a delayed message back until the delay is over", async () => {
        await queue.send(["later"], { delayMs: 1_000 });

        const before = await queue.receive(10, VISIBILITY_MS);
        await harness.advance(1_000);
        const after = await queue.receive(10, VISIBILITY_MS);

        expect(before).toEqual([]);
        expect(after.map(({ body }) => body)).toEqual(["later"]);
      });

      it("takes a body of 256 KiB and refuses one byte more, with all that was sent beside it", async () => {
        await queue.send(["x".repeat(262_144)]);

        const refused = queue.send(["small", `${"é".repeat(131_072)}x`]);

        await expect(refused).rejects.toThrow(InvalidInputError);
        expect(await queue.receive(10, VISIBILITY_MS)).toHaveLength(1);
      });

      it("takes more messages than one batch of SQS holds", async () => {
        await queue.send(Array.from({ length: 25 }, (_, index) => `message ${index}`));

        expect((await queue.depth()).ready).toBe(25);
      });
    });

    describe("acknowledge", () => {
      it("removes the message for good", async () => {
        await queue.send(["a"]);

        await queue.acknowledge((await receiveOne()).receipt);
        await harness.advance(VISIBILITY_MS);

        expect(await queue.receive(10, VISIBILITY_MS)).toEqual([]);
        expect(await queue.depth()).toEqual({ ready: 0, inFlight: 0, deadLetters: 0 });
      });

      it("does nothing by a receipt that a later one made stale", async () => {
        await queue.send(["a"]);
        const stale = await receiveOne();
        await harness.advance(VISIBILITY_MS);
        const current = await receiveOne();

        await queue.acknowledge(stale.receipt);

        expect((await queue.depth()).inFlight).toBe(1);
        await queue.acknowledge(current.receipt);
        expect((await queue.depth()).inFlight).toBe(0);
      });

      it("does nothing the second time", async () => {
        await queue.send(["a", "b"]);
        const { receipt } = await receiveOne();

        await queue.acknowledge(receipt);
        await queue.acknowledge(receipt);

        expect(await queue.depth()).toEqual({ ready: 1, inFlight: 0, deadLetters: 0 });
      });
    });

    describe("release", () => {
      it("makes the message visible at once, counted as received", async () => {
        await queue.send(["a"]);

        await queue.release((await receiveOne()).receipt, 0);

        expect(await receiveOne()).toMatchObject({ body: "a", receiveCount: 2 });
      });

      it("makes the message visible after the delay, be it longer or shorter than the time hidden", async () => {
        await queue.send(["a"]);
        const { receipt } = await receiveOne();

        await queue.release(receipt, 2 * VISIBILITY_MS);
        await harness.advance(VISIBILITY_MS);
        const early = await queue.receive(1, VISIBILITY_MS);
        await harness.advance(VISIBILITY_MS);
        const due = await queue.receive(1, VISIBILITY_MS);

        expect(early).toEqual([]);
        expect(due).toHaveLength(1);
      });

      it("leaves the receipt good until the message is received again", async () => {
        await queue.send(["a"]);
        const { receipt } = await receiveOne();

        await queue.release(receipt, VISIBILITY_MS);
        await queue.acknowledge(receipt);

        expect(await queue.depth()).toEqual({ ready: 0, inFlight: 0, deadLetters: 0 });
      });

      it("does nothing by a stale receipt", async () => {
        await queue.send(["a"]);
        const stale = await receiveOne();
        await harness.advance(VISIBILITY_MS);
        await receiveOne();

        await queue.release(stale.receipt, 0);

        expect(await queue.receive(1, VISIBILITY_MS)).toEqual([]);
      });
    });

    describe("redrive", () => {
      it("brings a dead letter back with a fresh count", async () => {
        await queue.send(["poison"]);
        await exhaust();

        const moved = await queue.redrive();
        const again = await receiveOne();

        expect(moved).toBe(1);
        expect(again).toMatchObject({ body: "poison", receiveCount: 1 });
        expect(await queue.listDeadLetters(10)).toEqual([]);
      });

      it("moves those alone whose id is given", async () => {
        await queue.send(["a", "b", "c"]);
        await exhaust();
        const letters = await queue.listDeadLetters(10);
        const wanted = letters.filter(({ body }) => body !== "b").map(({ id }) => id);

        const moved = await queue.redrive([...wanted, "nobody"]);

        expect(letters).toHaveLength(3);
        expect(moved).toBe(2);
        expect((await queue.listDeadLetters(10)).map(({ body }) => body)).toEqual(["b"]);
        expect(await queue.depth()).toEqual({ ready: 2, inFlight: 0, deadLetters: 1 });
      });

      it("moves nothing when nothing is dead", async () => {
        expect(await queue.redrive()).toBe(0);
      });

      it("leaves a receipt from before the dead letters without effect", async () => {
        await queue.send(["poison"]);
        const old = await receiveOne();
        await harness.advance(VISIBILITY_MS);
        await exhaust();
        await queue.redrive();

        await queue.acknowledge(old.receipt);

        expect((await receiveOne()).body).toBe("poison");
      });
    });

    describe("listDeadLetters", () => {
      it("gives the oldest first, at most as many as asked for", async () => {
        for (const body of ["first", "second", "third"]) {
          await queue.send([body]);
          await exhaust();
        }

        expect((await queue.listDeadLetters(2)).map(({ body }) => body)).toEqual(["first", "second"]);
      });
    });

    describe("depth", () => {
      it("counts every message once: ready, hidden (received or delayed) or dead", async () => {
        await queue.send(["poison"]);
        await exhaust();
        await queue.send(["a", "b", "c"]);
        await receiveOne();
        await queue.send(["later"], { delayMs: 60_000 });

        expect(await queue.depth()).toEqual({ ready: 2, inFlight: 2, deadLetters: 1 });
      });
    });
  });
}
