// Decides: that the Python clients, unchanged and told no more than the endpoint, drive the emulator (test/python/*.py): boto3
// every operation, the SageMaker Python SDK of both generations an ingestion.
// Leaves to others: the JavaScript SDK, by which all other tests go.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PythonEnvironment, runPython } from "../../support/python.ts";
import { type Setup, startSetup } from "./setup.ts";

const SCRIPTS = resolve(import.meta.dirname, "../../python");
const BUILD_MS = 300_000;

describe.each<[PythonEnvironment, string]>([
  ["sagemaker-2", "boto3_checks.py"],
  ["sagemaker-2", "boto3_errors.py"],
  ["sagemaker-2", "sagemaker_2.py"],
  ["sagemaker-3", "sagemaker_3.py"],
])("In the environment %s, %s", (environment, script) => {
  const checks = [...readFileSync(join(SCRIPTS, script), "utf8").matchAll(/^def (check_\w+)/gm)];
  let setup: Setup;
  let results: Readonly<Record<string, string>>;
  beforeAll(async () => {
    setup = await startSetup();
    const { stdout, stderr } = await runPython(environment, script, {
      AWS_ENDPOINT_URL: setup.url,
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      SAGEMAKER_USER_CONFIG_OVERRIDE: join(SCRIPTS, "no-telemetry.yaml"),
    });
    results = toResults(stdout, stderr);
  }, BUILD_MS);
  afterAll(() => setup.close());

  it.each(checks.map(([, name = ""]) => name))("%s", (check) => {
    expect(results[check]).toBe("ok");
  });
});

/** The last line is the script's own; an SDK may say something before it. */
function toResults(stdout: string, stderr: string): Readonly<Record<string, string>> {
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) throw new Error(`the script printed no results: ${stderr.slice(-2_000)}`);
  return JSON.parse(last) as Readonly<Record<string, string>>;
}
