import { join } from "node:path";
import { SqliteQueue } from "@steward/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeQueue } from "../ports/queue.ts";
import { FakeTimer } from "../support/fake-timer.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

describeQueue("SqliteQueue", async () => {
  const folder = makeTemporaryFolder();
  const timer = new FakeTimer();
  const opened: SqliteQueue[] = [];
  return {
    open: async () => {
      const queue = new SqliteQueue({
        file: join(folder, "queue.sqlite"),
        name: "chunks",
        maxReceives: 3,
        timer,
      });
      opened.push(queue);
      return queue;
    },
    advance: async (durationMs) => timer.advance(durationMs),
    close: async () => {
      for (const queue of opened) queue.close();
      removeFolder(folder);
    },
  };
});

describe("SqliteQueue", () => {
  let folder: string;

  beforeEach(() => {
    folder = makeTemporaryFolder();
  });

  afterEach(() => {
    removeFolder(folder);
  });

  it("keeps two queues of one file apart", async () => {
    const file = join(folder, "queue.sqlite");
    const timer = new FakeTimer();
    const one = new SqliteQueue({ file, name: "one", maxReceives: 1, timer });
    const other = new SqliteQueue({ file, name: "other", maxReceives: 1, timer });
    await one.send(["a"]);
    const [message] = await one.receive(1, 1_000);
    await other.acknowledge(message?.receipt ?? "");
    timer.advance(1_000);
    await one.receive(1, 1_000);

    expect(await other.receive(10, 1_000)).toEqual([]);
    expect(await other.depth()).toEqual({ ready: 0, inFlight: 0, deadLetters: 0 });
    expect(await other.redrive()).toBe(0);
    expect(await one.depth()).toEqual({ ready: 0, inFlight: 0, deadLetters: 1 });
    one.close();
    other.close();
  });

  it("keeps messages, counts and receipts when it is opened again", async () => {
    const options = {
      file: join(folder, "queue.sqlite"),
      name: "one",
      maxReceives: 3,
      timer: new FakeTimer(),
    };
    const before = new SqliteQueue(options);
    await before.send(["a", "b"]);
    const [held] = await before.receive(1, 1_000);
    before.close();

    const after = new SqliteQueue(options);
    const depth = await after.depth();
    await after.acknowledge(held?.receipt ?? "");

    expect(depth).toEqual({ ready: 1, inFlight: 1, deadLetters: 0 });
    expect(await after.depth()).toEqual({ ready: 1, inFlight: 0, deadLetters: 0 });
    after.close();
  });
});
