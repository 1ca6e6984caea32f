// Decides: that nothing of a deleted record stays in the emulator's files, neither in free space nor in the log.
// Leaves to others: what a deletion means to readers (delete-record.test.ts).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchWriteRecordCommand,
  DeleteRecordCommand,
  type DeletionMode,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeCanaries } from "../../support/leak-search.ts";
import { listFiles, readFiles } from "../../support/state-contents.ts";
import { until } from "../../support/until.ts";
import { killHard, startCommand } from "./process.ts";
import { admin, anOrder, connect, createOrders, putOrder, type Setup, startSetup } from "./setup.ts";

const STORED = "2024-05-01T10:00:00Z";
const LATER = "2024-05-01T11:00:00Z";
/** What the promise of one second allows. */
const SOON_MS = 1_000;

let state: string;
let setup: Setup;
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), "feature-store-scrub-"));
  setup = await startSetup({ state });
  await createOrders(setup);
});
afterEach(async () => {
  await setup.close();
  rmSync(state, { recursive: true, force: true });
});

/** Which of the texts lie in which file; a log that was never written may be absent. */
function found(texts: readonly string[]): readonly string[] {
  return readFiles(state, listFiles(state)).flatMap(({ place, bytes }) => {
    const content = Buffer.from(bytes);
    return texts.filter((text) => content.includes(text)).map((text) => `${text} in ${place}`);
  });
}

async function put(ids: readonly string[], eventTime = STORED): Promise<void> {
  for (let start = 0; start < ids.length; start += 25) {
    const Entries = ids.slice(start, start + 25).map((customer_id) => ({
      FeatureGroupName: "orders",
      Record: anOrder({ customer_id, event_time: eventTime }),
    }));
    await setup.runtime.send(new BatchWriteRecordCommand({ Entries }));
  }
}

async function remove(recordId: string, DeletionMode: DeletionMode = "HardDelete"): Promise<void> {
  await setup.runtime.send(
    new DeleteRecordCommand({
      FeatureGroupName: "orders",
      RecordIdentifierValueAsString: recordId,
      EventTime: LATER,
      TargetStores: ["OnlineStore"],
      DeletionMode,
    }),
  );
}

describe("a hard delete", () => {
  it("leaves nothing of the record in database and log a second later", async () => {
    const [canary = ""] = makeCanaries(1, 1);
    await put([canary, "c-1"]);
    expect(found([canary])).not.toEqual([]);

    await remove(canary);
    const startMs = performance.now();
    await until("the files are rid of it", () => found([canary]).length === 0);

    expect(performance.now() - startMs).toBeLessThan(SOON_MS);
    expect(found(["c-1"])).not.toEqual([]);
  });

  it("does so among many records whose pages were split and merged, and beside unbroken writes", async () => {
    const canaries = makeCanaries(1_000, 2);
    const others = makeCanaries(1_000, 3);
    await put(canaries.flatMap((canary, index) => [canary, others[index] ?? ""]));
    await put(canaries, "2024-05-01T10:30:00Z");
    let isWriting = true;
    const writing = (async () => {
      for (let number = 0; isWriting; number += 1) await put([`c-${number}`]);
    })();

    for (let start = 0; start < canaries.length; start += 25)
      await Promise.all(canaries.slice(start, start + 25).map((canary) => remove(canary)));
    await new Promise((done) => setTimeout(done, SOON_MS));
    const left = found(canaries);
    isWriting = false;
    await writing;

    expect(left).toEqual([]);
  });
});

describe("the log", () => {
  it("holds no overwritten value, and of a tombstone's record no value, once writes have settled", async () => {
    const [overwritten, deleted] = [{ total: "8123.4567" }, { customer_id: "c-2", total: "9345.6789" }];
    await putOrder(setup, overwritten);
    await putOrder(setup, deleted);
    await putOrder(setup, { event_time: LATER });
    await remove("c-2", "SoftDelete");
    const values = [overwritten.total, deleted.total];
    expect(found(values)).not.toEqual([]);

    await until("the log is cut", () => logBytes() === 0);

    expect(found(values)).toEqual([]);
  });

  it("is cut at once when that is asked for", async () => {
    await putOrder(setup);

    expect(await admin(setup, "POST", "scrub")).toEqual({ scrubbed: true });

    expect(logBytes()).toBe(0);
  });

  it("that a killed emulator left is cut by the next one", async () => {
    await setup.close();
    const [canary = ""] = makeCanaries(1, 5);
    const killed = await startCommand(state);
    setup = { ...connect(killed.url), url: killed.url, close: () => killHard(killed) };
    await putOrder(setup, { customer_id: canary });
    await remove(canary);
    await setup.close();
    expect(found([canary])).toEqual([`${canary} in feature-store.db-wal`]);

    setup = await startSetup({ state });

    expect(found([canary])).toEqual([]);
  });
});

function logBytes(): number {
  const [log] = readFiles(state, ["feature-store.db-wal"]);
  return (log?.bytes.length ?? 0) - "feature-store.db-wal\n".length;
}
