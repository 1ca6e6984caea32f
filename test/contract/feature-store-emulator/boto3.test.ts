// Decides: that boto3, unchanged and told no more than the endpoint, drives every operation (test/python/boto3_checks.py).
// Leaves to others: the SageMaker Python SDK (sagemaker-sdk.test.ts).
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPython } from "../../support/python.ts";
import { type Setup, startSetup } from "./setup.ts";

const SCRIPT = resolve(import.meta.dirname, "../../python/boto3_checks.py");
const CHECKS = [...readFileSync(SCRIPT, "utf8").matchAll(/^def (check_\w+)/gm)].map(([, name = ""]) => name);
const BUILD_MS = 300_000;

describe("boto3", () => {
  let setup: Setup;
  let results: Readonly<Record<string, string>>;
  beforeAll(async () => {
    setup = await startSetup();
    const env = {
      AWS_ENDPOINT_URL: setup.url,
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    };
    const { stdout, stderr } = await runPython("sagemaker-2", "boto3_checks.py", env);
    expect(stderr).toBe("");
    results = JSON.parse(stdout) as Readonly<Record<string, string>>; // the script's own
  }, BUILD_MS);
  afterAll(() => setup.close());

  it.each(CHECKS)("%s", (check) => {
    expect(results[check]).toBe("ok");
  });
});
