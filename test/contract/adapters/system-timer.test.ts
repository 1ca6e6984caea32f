import { SystemTimer } from "@steward/adapters";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

describe("SystemTimer", () => {
  const timer = new SystemTimer();

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000, toFake: ["Date"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("tells the machine's clock", () => {
    expect(timer.nowMs()).toBe(1_000_000);
  });

  it("sleeps at least as long as asked, and not at all for nothing", async () => {
    const startMs = performance.now();
    await timer.sleep(0);
    await timer.sleep(-5);
    await timer.sleep(20);

    // A timer of Node may fire up to a millisecond early.
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(19);
  });

  it("does not wake at once from a sleep that is longer than one timer of Node can hold", async () => {
    const woken = vi.fn();
    void timer.sleep(2 ** 31 + 1_000).then(woken);

    await timer.sleep(30);

    expect(woken).not.toHaveBeenCalled();
  });

  it("gives fractions of [0, 1) that differ", () => {
    const fractions = Array.from({ length: 100 }, () => timer.fraction());

    expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true);
    expect(new Set(fractions).size).toBeGreaterThan(90);
  });
});
