// Decides: that faults come as often, and latencies last as long, as their settings say, the same again for the same seed.
// Leaves to others: what a caller sees of them (the contract tests of admin and pace).
import { describe, expect, it } from "vitest";
import { type FaultSettings, Faults } from "../../../packages/feature-store-emulator/src/faults.ts";

const DRAWS = 20_000;
const NONE: FaultSettings = {
  throttleRate: 0,
  errorRate: 0,
  errorName: "InternalFailure",
  resetRate: 0,
  resetAfterEffectRate: 0,
  partialBatchRate: 0,
  unreadRate: 0,
  latencyMs: 0,
  notFoundForMs: 0,
  seed: 1,
};
function someFaults(changes: Partial<FaultSettings>, group?: string): Faults {
  const faults = new Faults();
  faults.set(group, { ...NONE, ...changes });
  return faults;
}
const drawLatencies = (seed: number) => {
  const faults = someFaults({ latencyMs: { p50: 10, p99: 80 }, seed });
  return Array.from({ length: DRAWS }, () => faults.latencyMs("orders"));
};
/** What a call ends with. */
function outcomeOf(faults: Faults): string {
  try {
    return faults.strikeCall("orders") ? "cut afterwards" : "fine";
  } catch (error) {
    return error instanceof Error ? error.name : "";
  }
}

describe("Latencies", () => {
  it("have the median and the 99th percentile that they were given", () => {
    const sorted = drawLatencies(3).sort((a, b) => a - b);

    expect(sorted[DRAWS / 2]).toBeGreaterThan(9.5);
    expect(sorted[DRAWS / 2]).toBeLessThan(10.5);
    expect(sorted[DRAWS * 0.99]).toBeGreaterThan(72);
    expect(sorted[DRAWS * 0.99]).toBeLessThan(88);
  });

  it("are the same again for the same seed, and others for another", () => {
    expect(drawLatencies(3)).toEqual(drawLatencies(3));
    expect(drawLatencies(3)).not.toEqual(drawLatencies(4));
  });
});

describe("Calls", () => {
  it("fail as often as each rate says, by one dice", () => {
    const faults = someFaults({
      throttleRate: 0.3,
      errorRate: 0.2,
      resetRate: 0.1,
      resetAfterEffectRate: 0.05,
    });
    const counts = new Map<string, number>();
    for (let call = 0; call < DRAWS; call += 1) {
      const outcome = outcomeOf(faults);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1 / DRAWS);
    }

    expect(counts.get("ThrottlingException")).toBeCloseTo(0.3, 2);
    expect(counts.get("InternalFailure")).toBeCloseTo(0.2, 2);
    expect(counts.get("ConnectionCut")).toBeCloseTo(0.1, 2);
    expect(counts.get("cut afterwards")).toBeCloseTo(0.05, 2);
    expect(counts.get("fine")).toBeCloseTo(0.35, 2);
  });

  it("of one group fail by its own settings, whether it is named or its ARN is given", () => {
    const faults = someFaults({ partialBatchRate: 1 }, "orders");
    const arn = "arn:aws:sagemaker:us-east-1:000000000000:feature-group/orders";

    expect([faults.strikesEntry("orders"), faults.strikesEntry(arn), faults.strikesEntry("visits")]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
