import { toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import {
  addCheckpoint,
  claimShard,
  findShard,
  saveShard,
} from "../../../packages/core/src/streaming/shard-state.ts";
import { aLedger } from "../../support/durable-stores.ts";

const GROUP = "customer-activity";

describe("claimShard and saveShard", () => {
  it("keep a position under the token that claimed the shard", async () => {
    const ledger = aLedger();
    const state = await claimShard(ledger, GROUP, "s1", 1);

    await saveShard(ledger, GROUP, "s1", { ...state, position: "7" });

    expect(await claimShard(ledger, GROUP, "s1", 1)).toMatchObject({ token: 1, position: "7" });
    expect((await findShard(ledger, GROUP, "s2")).position).toBeNull();
  });

  it("refuse what an older token saves once a newer one has claimed the shard, and its claims", async () => {
    const ledger = aLedger();
    const paused = await claimShard(ledger, GROUP, "s1", 1);
    const taken = await claimShard(ledger, GROUP, "s1", 2);
    await saveShard(ledger, GROUP, "s1", { ...taken, position: "9" });

    const late = [
      saveShard(ledger, GROUP, "s1", { ...paused, position: "7" }),
      claimShard(ledger, GROUP, "s1", 1),
    ];

    for (const outcome of late) await expect(outcome).rejects.toMatchObject({ name: "LeaseLostError" });
    expect(await findShard(ledger, GROUP, "s1")).toMatchObject({ token: 2, position: "9" });
  });
});

describe("addCheckpoint", () => {
  const at = (atMs: number) => ({ atMs: toEpochMs(atMs), seenUntilMs: toEpochMs(atMs - 1) });

  it("notes where the consumer stands once an eighth of the buffer has passed, and covers two buffers", () => {
    let checkpoints = addCheckpoint([], at(0), 800);
    for (let nowMs = 1; nowMs <= 5_000; nowMs += 1) checkpoints = addCheckpoint(checkpoints, at(nowMs), 800);

    expect(checkpoints).toHaveLength(16);
    expect(checkpoints.map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 16 }, (_, index) => 3_500 + index * 100),
    );
  });
});
