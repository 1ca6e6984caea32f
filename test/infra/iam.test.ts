import { readFileSync } from "node:fs";
import { expect, inject, it } from "vitest";
import { IAM_FILE, iamTable } from "../../scripts/iam-table.ts";

const { dev, prod } = inject("graphs");

it("docs/iam.md says who may do what in a stage: npm run iam", () => {
  expect(readFileSync(IAM_FILE, "utf8")).toBe(iamTable(prod));
});

it("every action on no resource in particular has its reason there", () => {
  for (const graph of [dev, prod]) expect(iamTable(graph)).not.toContain("no reason given");
});
