// Every adapter of a port has contract tests, docs/contracts.md names it with them, and none is skipped.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listAdapters } from "../../scripts/contracts/adapters.ts";
import { toRows, untested } from "../../scripts/contracts/table.ts";

const ROOT = join(import.meta.dirname, "../..");
const SKIPS = /\.(skip|skipIf|runIf|todo|only|fails)\b|\bctx\.skip\(/;

const adapters = listAdapters(ROOT);

describe("the table of contract tests", () => {
  it("finds the adapters in the code, with their ports", () => {
    expect(adapters).toContainEqual({ name: "S3ObjectStore", ports: ["ObjectStore"] });
    expect(adapters).toContainEqual({ name: "JsonlMetrics", ports: ["Metrics", "MetricHistory"] });
    expect(adapters.length).toBeGreaterThan(25);
  });

  it("has in docs/contracts.md (npm run contracts) a row of at least one rule for every adapter of a port", () => {
    const document = readFileSync(join(ROOT, "docs/contracts.md"), "utf8");
    const named = adapters.flatMap(({ name, ports }) => ports.map((port) => ({ port, name })));

    const missing = named.filter(
      ({ port, name }) =>
        !new RegExp(`^\\| ${port} \\| ${name} \\| [^|]+ \\| [1-9]\\d* \\|`, "m").test(document),
    );

    expect(missing).toEqual([]);
  });

  it("gives a test to the adapter that its suite names first, and says which adapter has none", () => {
    const file = "test/contract/adapters/duckdb-on-s3.test.ts";
    const suite = "DuckDbBatchEngine on S3ObjectStore and S3Incoming";

    const rows = toRows(ROOT, adapters, [
      { file, suite },
      { file, suite },
      { file, suite: "what is no adapter's" },
    ]);

    const row = {
      port: "BatchEngine",
      adapter: "DuckDbBatchEngine",
      backend: "DuckDB on MiniStack",
      ruleCount: 2,
      file,
    };
    expect(rows).toEqual([row]);
    expect(untested(adapters, rows)).toContain("ObjectStore × S3ObjectStore");
    expect(untested(adapters, rows)).not.toContain("BatchEngine × DuckDbBatchEngine");
  });
});

describe("the contract tests", () => {
  it("are never skipped, put off or run alone", () => {
    const files = readdirSync(join(ROOT, "test/contract"), { recursive: true, encoding: "utf8" });
    const sources = files.filter((file) => file.endsWith(".ts"));

    const skipping = sources.filter((file) =>
      SKIPS.test(readFileSync(join(ROOT, "test/contract", file), "utf8")),
    );

    expect(sources.length).toBeGreaterThan(60);
    expect(skipping).toEqual([]);
  });
});
