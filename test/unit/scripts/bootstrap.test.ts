// The rules of the set-up, in a folder that looks like a clone. npm and apt-get are stood in for by small scripts that
// leave what the real ones would: a real install takes half a minute and a network, and CI does it in a fresh clone.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const PINNED = "24.21.0";
const INSTALL = `
echo "$@" >> npm-calls
echo "$PATH" > npm-path
mkdir -p node_modules/.bin node_modules/node
echo '{}' > node_modules/.package-lock.json
echo '{"version":"${PINNED}"}' > node_modules/node/package.json
echo '#!/bin/sh' > node_modules/.bin/node
chmod +x node_modules/.bin/node`;

describe("bootstrap", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "steward-bootstrap-"));
    mkdirSync(join(root, "scripts"));
    mkdirSync(join(root, "bin"));
    cpSync("scripts/bootstrap.mjs", join(root, "scripts/bootstrap.mjs"));
    writeFileSync(join(root, "package.json"), JSON.stringify({ devDependencies: { node: PINNED } }));
    writeFileSync(join(root, "package-lock.json"), "{}");
    for (const name of ["sh", "mkdir", "chmod"]) symlinkSync(`/bin/${name}`, join(root, "bin", name));
    command("npm", INSTALL);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("installs the locked packages in a bare clone and says so", () => {
    const { status, said } = bootstrap(["--no-redis"]);

    expect(status).toBe(0);
    expect(said).toMatch(/^Packages: none are installed, so "npm ci" installs them/);
    expect(calls("npm-calls")).toEqual(["ci --include=dev --no-audit --no-fund --loglevel=error"]);
  });

  it("does nothing, and under --quiet says nothing, when all is there", () => {
    command("redis-server", 'echo "Redis server v=7.0.15 sha=0"');
    bootstrap([]);

    const again = bootstrap([]);
    const quiet = bootstrap(["--quiet"]);

    expect(again).toEqual({
      status: 0,
      said: `Packages: as locked, Node ${PINNED}.\nRedis: redis-server 7.0.15.\n`,
    });
    expect(quiet).toEqual({ status: 0, said: "" });
    expect(calls("npm-calls")).toHaveLength(1);
  });

  it("installs again when package-lock.json is newer than node_modules", () => {
    bootstrap(["--no-redis"]);
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(root, "package-lock.json"), later, later);
    command("npm", `${INSTALL}\ntouch -d '+2 minutes' node_modules/.package-lock.json`);
    symlinkSync("/usr/bin/touch", join(root, "bin/touch"));

    const { said } = bootstrap(["--no-redis", "--quiet"]);

    expect(said).toContain("package-lock.json is newer than node_modules");
    expect(calls("npm-calls")).toHaveLength(2);
  });

  it("installs again when the pinned Node is missing or another", () => {
    bootstrap(["--no-redis"]);
    rmSync(join(root, "node_modules/.bin/node"));

    const missing = bootstrap(["--no-redis"]);
    writeFileSync(join(root, "node_modules/node/package.json"), '{"version":"24.9.0"}');
    const another = bootstrap(["--no-redis"]);

    expect(missing.said).toContain("the pinned Node is missing");
    expect(another.said).toContain("the pinned Node is another");
  });

  it("keeps npm off the Node that npm is about to replace", () => {
    bootstrap(["--no-redis"], {
      PATH: `${join(root, "node_modules/.bin")}:${join(root, "bin")}`,
    });

    expect(readFileSync(join(root, "npm-path"), "utf8").trim()).toBe(join(root, "bin"));
  });

  it("ends with one plain line when npm fails or installs no Node", () => {
    command("npm", "exit 3");
    const failed = bootstrap(["--no-redis"]);
    command("npm", "mkdir -p node_modules; echo '{}' > node_modules/.package-lock.json");
    const without = bootstrap(["--no-redis"]);

    expect(failed.status).toBe(1);
    expect(failed.said).toContain("npm ci failed");
    expect(without.status).toBe(1);
    expect(without.said).toContain("install scripts switched off");
  });

  it("says what to install when there is neither a Redis nor a way to install one", () => {
    const { status, said } = bootstrap([]);

    expect(status).toBe(1);
    expect(said).toContain("sudo apt-get install -y redis-server");
    expect(said).toContain("REDIS_URL");
  });

  it("looks for no Redis when REDIS_URL is set, and never prints it", () => {
    const { status, said } = bootstrap([], { REDIS_URL: "redis://:hunter2@127.0.0.1:1" });

    expect(status).toBe(0);
    expect(said).toContain("Redis: the server that REDIS_URL names.");
    expect(said).not.toContain("hunter2");
  });

  it("has apt-get install Redis as root, and only as root", () => {
    const server = join(root, "bin/redis-server");
    command(
      "apt-get",
      `[ "$1" = install ] && echo 'echo v=7.0.15' > ${server} && chmod +x ${server}; exit 0`,
    );

    const { status, said } = bootstrap([]);

    const isRoot = process.getuid?.() === 0;
    expect(status).toBe(isRoot ? 0 : 1);
    expect(said.includes("apt-get installs redis-server")).toBe(isRoot);
    expect(existsSync(server)).toBe(isRoot);
  });

  function command(name: string, body: string): void {
    const path = join(root, "bin", name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  }

  function calls(file: string): readonly string[] {
    return readFileSync(join(root, file), "utf8").trim().split("\n");
  }

  function bootstrap(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const script = join(root, "scripts/bootstrap.mjs");
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
      cwd: dirname(root),
      encoding: "utf8",
      env: { PATH: join(root, "bin"), ...env },
    });
    return { status, said: `${stdout}${stderr}` };
  }
});
