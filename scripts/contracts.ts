// Writes docs/contracts.md from the contract tests that vitest finds; or, with `--report <json>`, prints the table of a run
// and fails when a contract test was not run to its end, or an adapter of a port has none.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { listAdapters } from "./contracts/adapters.ts";
import { type ContractTest, toMarkdown, toRows, untested } from "./contracts/table.ts";

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly status: string;
    }[];
  }[];
}

const ROOT = join(import.meta.dirname, "..");
const DOCUMENT = "docs/contracts.md";
const TESTS = "test/contract/adapters";
const HEAD = `# Contract tests

Every adapter of a port runs the rules of its port (\`test/contract/ports\`) and rules of its own, against what stands in
the third column. \`.ci/run\` runs all of them and fails if one is skipped. Written by \`npm run contracts\`.
`;

const [option, path = ""] = process.argv.slice(2);
const tests = option === "--report" ? readReport(path) : listTests();
const adapters = listAdapters(ROOT);
const rows = toRows(ROOT, adapters, tests);
const missing = untested(adapters, rows);
const notRun = tests.filter(({ status }) => status !== "passed" && status !== "failed");

if (option !== "--report") writeFileSync(join(ROOT, DOCUMENT), `${HEAD}\n${toMarkdown(rows)}\n`);
else console.log(toMarkdown(rows));
if (missing.length > 0) console.error(`without a contract test: ${missing.join(", ")}`);
if (notRun.length > 0)
  console.error(`not run: ${notRun.map(({ file, suite }) => `${file} ${suite}`).join(", ")}`);
if (missing.length > 0 || notRun.length > 0) process.exitCode = 1;

function readReport(file: string): readonly (ContractTest & { readonly status: string })[] {
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  return report.testResults.flatMap(({ name, assertionResults }) => {
    const test = relative(ROOT, name);
    if (!test.startsWith(TESTS)) return [];
    return assertionResults.map(({ ancestorTitles: [suite = ""], status }) => ({
      file: test,
      suite,
      status,
    }));
  });
}

/** Collected, not run. */
function listTests(): readonly (ContractTest & { readonly status: string })[] {
  const folder = mkdtempSync(join(tmpdir(), "contracts-"));
  try {
    const output = join(folder, "tests.json");
    const vitest = join(ROOT, "node_modules/.bin/vitest");
    const options = ["list", TESTS, "--project", "rules", "--no-static-parse", `--json=${output}`];
    execFileSync(process.execPath, [vitest, ...options], {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const found = JSON.parse(readFileSync(output, "utf8")) as {
      readonly name: string;
      readonly file: string;
    }[];
    return found.map(({ name, file }) => ({
      file: relative(ROOT, file),
      suite: name.split(" > ")[0] ?? "",
      status: "passed",
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
