// Two faults of the game day, played as `npm run gameday` plays them.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runScenario } from "../../scripts/gameday/run-scenario.ts";
import { SCENARIOS } from "../../scripts/gameday/scenarios.ts";

const PATIENCE_MS = 120_000;

describe("a game day", () => {
  it.for(["hot-flushed", "silent-source"])(
    "gives %s what it must get",
    { timeout: PATIENCE_MS },
    async (name) => {
      const scenario = SCENARIOS.find((one) => one.name === name);
      if (scenario === undefined) throw new Error(`there is no fault ${name}`);

      const { faults, seen, points } = await runScenario(scenario);

      expect(faults).toEqual([]);
      expect(seen.map(({ what }) => what)).toContain("alarm on");
      expect(points.length).toBeGreaterThan(0);
    },
  );

  it("has every fault in its docs", () => {
    const table = readFileSync("docs/gameday.md", "utf8");

    expect(SCENARIOS.filter(({ name }) => !table.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
