import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { functionNeeds, NEEDS_FILE } from "../../scripts/function-needs.ts";

it("stacks/needs.json says what the functions' own bundles reach: npm run needs", async () => {
  const found = await functionNeeds();

  expect(JSON.parse(readFileSync(NEEDS_FILE, "utf8"))).toEqual(found);
  expect(Object.keys(found).length).toBeGreaterThan(60);
});
