// Plays one scenario from a fresh platform to its end, and judges it.

import type { EpochMs } from "@steward/core";
import { judge, type Verdict } from "./judge.ts";
import type { Scenario } from "./scenarios.ts";
import { PERIOD_MS, World } from "./world.ts";

/** So that the checker has looked a few times before anything goes wrong. */
const QUIET_MINUTES = 4;
/** From the fault until an incident is there, and from the healing until all are closed. */
const PATIENCE_MINUTES = 120;

export async function runScenario(scenario: Scenario): Promise<Verdict> {
  const world = await World.open(scenario.groups);
  try {
    await world.pass(QUIET_MINUTES);
    const faultAtMs = (Math.floor(world.nowMs / PERIOD_MS) * PERIOD_MS) as EpochMs;
    await scenario.inject(world);
    try {
      await world.until(
        "an incident is opened",
        PATIENCE_MINUTES,
        async () => (await world.incidents()).length > 0,
      );
      await scenario.heal?.(world);
      await world.until("all incidents are closed", PATIENCE_MINUTES, async () =>
        (await world.incidents()).every(({ status }) => status === "closed"),
      );
    } catch (error) {
      const verdict = await judge(scenario, world, faultAtMs);
      return { ...verdict, faults: [error instanceof Error ? error.message : "unknown", ...verdict.faults] };
    }
    return await judge(scenario, world, faultAtMs);
  } finally {
    await world.close();
  }
}
