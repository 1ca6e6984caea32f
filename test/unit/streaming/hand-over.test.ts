import { DEFAULT_SETTINGS, type EpochMs, findHandOver, type Streams, toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import { claimShard, saveShard } from "../../../packages/core/src/streaming/shard-state.ts";
import { aFeatureGroup } from "../../support/builders.ts";
import { aLedger } from "../../support/durable-stores.ts";

const MINUTE_MS = 60_000;
const nine = Date.UTC(2026, 0, 31, 9);
const clockTime = (hour: number, minute: number): EpochMs => toEpochMs(Date.UTC(2026, 0, 31, hour, minute));

/** Shards whose consumer stood at the second time at the first. */
async function handOver(
  shards: readonly (readonly [atMs: EpochMs, seenUntilMs: EpochMs][])[],
  asOfMs = toEpochMs(nine),
): Promise<number> {
  const ledger = aLedger();
  const group = aFeatureGroup();
  const names = shards.map((_, index) => `s${index}`);
  for (const [index, checkpoints] of shards.entries()) {
    const state = await claimShard(ledger, group.name, `s${index}`, 1);
    await saveShard(ledger, group.name, `s${index}`, {
      ...state,
      checkpoints: checkpoints.map(([atMs, seenUntilMs]) => ({ atMs, seenUntilMs })),
    });
  }
  const streams = { get: () => ({ listShards: async () => names }) } as unknown as Streams;
  const settings = { ...DEFAULT_SETTINGS, offlineBufferMs: 15 * MINUTE_MS };
  return findHandOver({ ledger, streams, settings, clock: { now: () => toEpochMs(nine) } }, group, asOfMs);
}

describe("findHandOver", () => {
  it("goes back to where the consumer stood one offline buffer ago, however far it lagged, less a minute", async () => {
    const lagging: [EpochMs, EpochMs][] = [
      [clockTime(8, 40), clockTime(7, 40)],
      [clockTime(8, 44), clockTime(7, 44)],
      [clockTime(8, 46), clockTime(8, 46)],
    ];

    expect(await handOver([lagging])).toBe(clockTime(7, 43));
  });

  it("takes the shard that is furthest behind", async () => {
    expect(
      await handOver([[[clockTime(8, 44), clockTime(8, 44)]], [[clockTime(8, 44), clockTime(6, 0)]]]),
    ).toBe(clockTime(5, 59));
  });

  it("goes no later than the as-of: what is dated after it is in no snapshot", async () => {
    expect(await handOver([[[clockTime(8, 44), clockTime(8, 44)]]], clockTime(3, 0))).toBe(clockTime(2, 59));
  });

  it("reads all that there is where nobody noted a place so long ago", async () => {
    const yearOne = -62_135_596_800_000;

    expect(await handOver([[[clockTime(8, 50), clockTime(8, 50)]]])).toBe(yearOne);
  });
});
