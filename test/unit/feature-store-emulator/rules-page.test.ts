// Decides: that every test which docs/feature-store-rules.md names is there.
// Leaves to others: the rules.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");
const PAGE = readFileSync(join(ROOT, "docs/feature-store-rules.md"), "utf8");
const ROWS = [...PAGE.matchAll(/^\| (?!rule|-)(.+?) \| (.+?) \| ([\w./-]+): (.+?) \|$/gm)].map(
  ([, rule = "", , file = "", title = ""]) => ({ rule, file, title }),
);

describe("The page of rules", () => {
  it("has a test in every row", () => {
    const rows = PAGE.split("\n").filter((line) => /^\| (?!rule|-)/.test(line));

    expect(rows.length).toBeGreaterThan(60);
    expect(ROWS).toHaveLength(rows.length);
  });

  it.each(ROWS)("names a test that exists: $rule", ({ file, title }) => {
    const path = file.includes("/") ? file : `test/contract/feature-store-emulator/${file}`;
    const test = join(ROOT, `${path}.test.ts`);

    expect(existsSync(test)).toBe(true);
    expect(readFileSync(test, "utf8")).toContain(`"${title}"`);
  });
});
