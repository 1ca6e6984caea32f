// The rules of Pacer: one pace for all who share a scope, never above it over any second, nearly all of it while there is work.

import type { Pacer } from "@steward/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

export interface PacerHarness {
  /** A pacer of another worker on the same schedule. */
  open(): Pacer;
  close(): Promise<void>;
}

/** The moment of a send is known to the length of the call that reserved it. */
interface Send {
  readonly atMs: number;
  readonly latestMs: number;
  readonly units: number;
}

export function describePacer(name: string, start: () => Promise<PacerHarness>): void {
  describe(`${name} as a Pacer`, () => {
    let harness: PacerHarness;
    beforeAll(async () => {
      harness = await start();
      // The first call also connects.
      await harness.open().reserve("connect", 1, 1);
    });
    afterAll(() => harness.close());

    it("lets the first of a scope go at once and spaces the next ones evenly", async () => {
      const pacer = harness.open();

      const sends = await reserveAll([pacer], "even", Array(10).fill(100), 1_000);

      const gaps = sends.slice(1).map((send, index) => send.atMs - (sends[index]?.atMs ?? 0));
      expect(sends[0]?.atMs).toBeLessThan(20);
      for (const gap of gaps) expect(Math.abs(gap - 100)).toBeLessThan(15);
    });

    it.each([
      ["units that divide the pace", 1_000, [100]],
      ["units that do not", 1_000, [300]],
      ["units of mixed size", 1_000, [999, 500, 1, 37, 250]],
      ["single units", 500, [1]],
    ])("never passes the pace over any second, whoever reserves: %s", async (title, perSecond, sizes) => {
      const pacers = [harness.open(), harness.open(), harness.open()];
      const units = repeat(sizes, 3 * perSecond);

      const sends = await reserveAll(pacers, `second:${title.replaceAll(" ", "-")}`, units, perSecond);

      expect(greatestSecond(sends)).toBeLessThanOrEqual(perSecond);
    });

    it("uses at least 98 % of the pace while there is work", async () => {
      const units = repeat([10], 10_000);

      const sends = await reserveAll([harness.open(), harness.open()], "busy", units, 1_000);

      const lengthMs = Math.max(...sends.map(({ atMs }) => atMs)) + 10;
      expect(10_000 / (lengthMs / 1_000)).toBeGreaterThanOrEqual(980);
    });

    it("gives away no moment that has passed: an idle scope saves nothing up", async () => {
      const pacer = harness.open();
      await pacer.reserve("idle", 50, 1_000);
      await new Promise((resolve) => setTimeout(resolve, 300));

      const sends = await reserveAll([pacer], "idle", [50, 50, 50], 1_000);

      expect(sends[0]?.atMs).toBeLessThan(20);
      expect((sends[2]?.atMs ?? 0) - (sends[0]?.atMs ?? 0)).toBeGreaterThan(85);
    });

    it("keeps scopes apart", async () => {
      const pacer = harness.open();
      await pacer.reserve("one", 1_000, 1_000);

      expect((await pacer.reserve("two", 1_000, 1_000)).waitMs).toBe(0);
    });

    it.each([
      [0, 10],
      [1.5, 10],
      [11, 10],
      [1, Number.NaN],
    ])("refuses %d units at %d a second", async (units, perSecond) => {
      await expect(harness.open().reserve("bad", units, perSecond)).rejects.toMatchObject({
        name: "InvalidInputError",
      });
    });
  });
}

/** Reserves one after another, in turn by each pacer, and tells when each may be sent, from the first call on. */
async function reserveAll(
  pacers: readonly Pacer[],
  scope: string,
  units: readonly number[],
  perSecond: number,
): Promise<readonly Send[]> {
  const startMs = performance.now();
  const sends: Send[] = [];
  for (const [index, each] of units.entries()) {
    const calledMs = performance.now();
    const reservation = await pacers[index % pacers.length]?.reserve(scope, each, perSecond);
    const waitMs = reservation?.waitMs ?? Number.NaN;
    sends.push({
      atMs: calledMs - startMs + waitMs,
      latestMs: performance.now() - startMs + waitMs,
      units: each,
    });
  }
  return sends;
}

function repeat(sizes: readonly number[], total: number): readonly number[] {
  const units: number[] = [];
  for (let sum = 0; sum < total; sum += units.at(-1) ?? total)
    units.push(sizes[units.length % sizes.length] ?? 1);
  return units;
}

/** The most units that were surely sent within one second. */
function greatestSecond(sends: readonly Send[]): number {
  const sums = sends.map((first) =>
    sends
      .filter(({ atMs, latestMs }) => atMs >= first.atMs && latestMs < first.atMs + 1_000)
      .reduce((sum, { units }) => sum + units, 0),
  );
  return Math.max(...sums);
}
