// docs/controls.md claims proofs: each must be a test that exists, by its very title, and each criterion well-formed.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const DOCS = resolve(import.meta.dirname, "../../docs");
const rows = readFileSync(resolve(DOCS, "controls.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| control |"))
  .map((line) => line.slice(2, -2).split(" | "))
  .filter(({ length }) => length > 3);

/** `[audit](../test/infra/audit.test.ts): "a title", "another"`; several with a semicolon between. */
function proofsOf(cell: string): readonly { readonly file: string; readonly titles: readonly string[] }[] {
  return [...cell.matchAll(/\[[^\]]+\]\(([^)]+)\): ((?:"[^"]+"(?:, )?)+)/g)].map(
    ([, file = "", titles = ""]) => ({
      file,
      titles: [...titles.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => title),
    }),
  );
}

describe("docs/controls.md", () => {
  it("gives every control a criterion of each standard, a proof, and what the proof leaves open", () => {
    expect(rows.length).toBeGreaterThan(15);
    for (const [control = "", soc2 = "", iso = "", nist = "", proof = "", open = ""] of rows) {
      expect(control).not.toBe("");
      expect(soc2, control).toMatch(/^(?:(?:CC[1-9]|A1|C1|PI1|P[1-8])\.\d+(?:, |$))+$/);
      expect(iso, control).toMatch(/^(?:A\.[5-8]\.\d+(?:, |$))+$/);
      expect(nist, control).toMatch(/^(?:[A-Z]{2}-\d+(?:, |$))+$/);
      expect(proofsOf(proof).length, control).toBeGreaterThan(0);
      expect(open, control).not.toBe("");
    }
  });

  it("names tests that there are, by their titles", () => {
    for (const { file, titles } of rows.flatMap(([, , , , proof = ""]) => proofsOf(proof))) {
      const path = resolve(DOCS, file);
      expect(existsSync(path), file).toBe(true);
      const text = readFileSync(path, "utf8");
      for (const title of titles) expect(text.includes(`"${title}"`), `${file}: ${title}`).toBe(true);
    }
  });
});
