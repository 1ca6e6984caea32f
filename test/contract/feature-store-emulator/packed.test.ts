// Decides: that the packed tarball, installed alone, serves a stranger: on the oldest Node it promises and on the newest here.
// Leaves to others: what the emulator does (all other tests).
import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { runPython } from "../../support/python.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";
import { killHard, type RunningCommand, startProgram } from "./process.ts";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../../..");
const NODE_24 = join(ROOT, "node_modules/.bin/node");
const NODE_22_VERSION = "22.23.3";
const NODES = join(ROOT, "node_modules/.cache/nodes");
const INSTALL_MS = 180_000;
const KEYS = { AWS_DEFAULT_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

describe("The packed emulator", () => {
  let folder: string;
  let installed: string;
  let running: RunningCommand | undefined;
  beforeAll(async () => {
    folder = makeTemporaryFolder();
    const packer = join(ROOT, "scripts/pack-emulator.ts");
    const { stdout } = await run(NODE_24, [packer, "--to", folder], { cwd: ROOT });
    installed = join(folder, "installed");
    mkdirSync(installed);
    writeFileSync(join(installed, "package.json"), "{}");
    await run("npm", ["install", "--offline", "--no-audit", "--no-fund", stdout.trim()], { cwd: installed });
  }, INSTALL_MS);
  afterEach(async () => {
    if (running !== undefined) await killHard(running);
    running = undefined;
  });
  afterAll(() => removeFolder(folder));

  it("brings nothing but itself, JavaScript and declarations", () => {
    const packages = readdirSync(join(installed, "node_modules")).filter((name) => !name.startsWith("."));
    const files = readdirSync(join(installed, "node_modules/steward-feature-store"), { recursive: true });
    const sources = files.map(String).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));

    expect(packages).toEqual(["steward-feature-store"]);
    expect(sources).toEqual([]);
    const notices = readFileSync(
      join(installed, "node_modules/steward-feature-store/THIRD-PARTY-NOTICES"),
      "utf8",
    );
    expect(notices).toMatch(/^commander [\d.]+$/m);
    expect(notices).toMatch(/^zod [\d.]+$/m);
  });

  it.each([
    ["22", () => nodeOf(NODE_22_VERSION)],
    ["24", () => Promise.resolve(NODE_24)],
  ])(
    "starts on Node %s and answers boto3, saying nothing on the side",
    async (_, node) => {
      const bin = join(installed, "node_modules/.bin/steward-feature-store");
      running = await startProgram(await node(), [bin, "--state", join(folder, "state")]);
      const env = {
        AWS_ENDPOINT_URL: running.url,
        AWS_DEFAULT_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "local",
        AWS_SECRET_ACCESS_KEY: "local",
      };
      const { code, stdout, stderr } = await runPython("sagemaker-2", "boto3_checks.py", env);

      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(Object.entries(JSON.parse(stdout) as object).filter(([, result]) => result !== "ok")).toEqual(
        [],
      );
      expect(running.stderr()).toBe("");
    },
    INSTALL_MS,
  );

  it("answers the example in Python", async () => {
    const bin = join(installed, "node_modules/.bin/steward-feature-store");
    running = await startProgram(NODE_24, [bin, "--state", ":memory:"]);
    const env = { AWS_ENDPOINT_URL: running.url, ...KEYS };
    const example = join(installed, "node_modules/steward-feature-store/examples/example.py");
    const { stdout } = await runPython("sagemaker-2", example, env);

    expect(stdout).toBe("{'customer_id': '00042', 'event_time': '2026-01-01T00:00:00Z', 'orders': '3'}\n");
  });

  it("is a library with declarations, which the example in TypeScript checks against and runs with", async () => {
    const example = join(installed, "node_modules/steward-feature-store/examples/example.mts");
    copyFileSync(example, join(installed, "program.mts"));
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const types = ["--typeRoots", join(ROOT, "node_modules/@types"), "--types", "node"];
    const strict = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024"];
    await run(tsc, [...strict, ...types, "program.mts"], { cwd: installed });
    const { stdout } = await run(NODE_24, ["program.mts"], { cwd: installed });

    expect(stdout).toMatch(/^half an hour later: .*"00042".*\nonce it has expired: \{\}\n$/);
  });
});

/** A Node of that version beside the installed packages; fetched once. */
async function nodeOf(version: string): Promise<string> {
  const folder = join(NODES, version);
  const system = `node-${process.platform}-${process.arch}`;
  const node = join(folder, "node_modules", system, "bin/node");
  if (existsSync(node)) return node;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  await run("npm", ["install", "--no-audit", "--no-fund", `${system}@${version}`], { cwd: folder });
  return node;
}
