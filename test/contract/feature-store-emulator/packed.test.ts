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
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
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
const NODE_VERSIONS: readonly [string, () => Promise<string>][] = [
  ["22", () => nodeOf(NODE_22_VERSION)],
  ["24", () => Promise.resolve(NODE_24)],
];
const RESIDENT_MEGABYTES = 100;
const KEYS = { AWS_DEFAULT_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

describe("The packed emulator", () => {
  let folder: string;
  let installed: string;
  let bin: string;
  let running: RunningCommand | undefined;
  beforeAll(async () => {
    folder = makeTemporaryFolder();
    const packer = join(ROOT, "scripts/pack-emulator.ts");
    const { stdout } = await run(NODE_24, [packer, "--to", folder], { cwd: ROOT });
    installed = join(folder, "installed");
    mkdirSync(installed);
    writeFileSync(join(installed, "package.json"), "{}");
    await run("npm", ["install", "--offline", "--no-audit", "--no-fund", stdout.trim()], { cwd: installed });
    bin = join(installed, "node_modules/.bin/steward-feature-store");
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

  it.each(NODE_VERSIONS)(
    "starts on Node %s and answers boto3, saying nothing on the side",
    async (_, node) => {
      running = await startProgram(await node(), [bin, "--state", join(folder, "state")]);
      const env = { AWS_ENDPOINT_URL: running.url, ...KEYS };
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

  it.each(NODE_VERSIONS)(
    "takes 100 MB at most on Node %s, once it is ready",
    async (version, node) => {
      const startMs: number[] = [];
      for (let start = 0; start < 5; start += 1) {
        if (running !== undefined) await killHard(running);
        const atMs = performance.now();
        running = await startProgram(await node(), [bin, "--state", join(folder, "state")]);
        startMs.push(Math.round(performance.now() - atMs));
      }
      const { stdout } = await run("ps", ["-o", "rss=", "-p", String(running?.child.pid)]);
      const megabytes = Math.round(Number(stdout) / 1_024);
      console.log(`Node ${version}: ready after ${startMs.join(", ")} ms; ${megabytes} MB resident`);

      expect(megabytes).toBeLessThanOrEqual(RESIDENT_MEGABYTES);
    },
    INSTALL_MS,
  );

  it.each(NODE_VERSIONS)("is what npx runs on Node %s: flags and exit codes pass", async (_, node) => {
    const path = `${dirname(await node())}${delimiter}${process.env.PATH ?? ""}`;
    const npx = (...args: readonly string[]) =>
      run("npx", ["--no-install", "steward-feature-store", ...args], {
        cwd: installed,
        env: { ...process.env, PATH: path },
      });
    running = await startProgram(NODE_24, [bin, "--state", ":memory:"]);
    const { port } = new URL(running.url);

    expect(await npx("--version")).toEqual({ stdout: "0.1.0\n", stderr: "" });
    await expect(npx("--port", port, "--state", join(folder, "other"))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^steward-feature-store: port \d+ is taken on 127\.0\.0\.1: .+\n$/),
    });
    await expect(npx("--port", "abc")).rejects.toMatchObject({ code: 2 });
  });

  it.each(["20.20.2", "22.12.0"])("asks in one plain line for a later Node than %s", async (version) => {
    const older = `Object.defineProperty(process, "versions", { value: { node: "${version}" } })`;
    const starting = run(NODE_24, ["--import", `data:text/javascript,${older}`, bin]);

    await expect(starting).rejects.toMatchObject({
      code: 1,
      stderr: `steward-feature-store: Node 22.13 or later is needed, and this is ${version}\n`,
    });
  });

  it("is not packed from its sources, and says how it is", async () => {
    const packing = run("npm", ["pack", "--pack-destination", folder], {
      cwd: join(ROOT, "packages/feature-store-emulator"),
    });

    await expect(packing).rejects.toMatchObject({
      stderr: expect.stringContaining("npm run pack:emulator, at the root"),
    });
  });

  it("answers the example in Python", async () => {
    running = await startProgram(NODE_24, [bin, "--state", ":memory:"]);
    const env = { AWS_ENDPOINT_URL: running.url, ...KEYS };
    const example = join(installed, "node_modules/steward-feature-store/examples/example.py");
    const { stdout } = await runPython("sagemaker-2", example, env);

    expect(stdout).toBe("{'customer_id': '00042', 'event_time': '2026-01-01T00:00:00Z', 'orders': '3'}\n");
  });

  it("is a library with declarations, which the example with the AWS SDK in TypeScript checks against and runs with", async () => {
    for (const client of ["client-sagemaker", "client-sagemaker-featurestore-runtime"]) {
      mkdirSync(join(installed, "node_modules/@aws-sdk"), { recursive: true });
      symlinkSync(
        join(ROOT, "node_modules/@aws-sdk", client),
        join(installed, "node_modules/@aws-sdk", client),
      );
    }
    const example = join(installed, "node_modules/steward-feature-store/examples/example.mts");
    copyFileSync(example, join(installed, "program.mts"));
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const types = ["--typeRoots", join(ROOT, "node_modules/@types"), "--types", "node"];
    const strict = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024"];
    await run(tsc, [...strict, ...types, "program.mts"], { cwd: installed });
    const { stdout } = await run(NODE_24, ["program.mts"], { cwd: installed });

    expect(stdout).toBe(
      "half an hour later: [ '00042', '2026-01-01T00:00:00Z' ]\nonce it has expired: undefined\n",
    );
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
