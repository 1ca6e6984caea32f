// Sets a clone up: the locked packages, the pinned Node, a Redis server. Plain JavaScript that Node 20 can run.
// Says what it does on stderr, and nothing under --quiet when there is nothing to do; --no-redis leaves Redis out,
// --infra brings what SST evaluates and type-checks stacks/ with.

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE_MAJOR = 20;
const REDIS_SERVERS = ["redis-server", "valkey-server"];
const REDIS_HELP = [
  "No Redis: redis-server is not on the PATH. Install it, or set REDIS_URL to a server of yours.",
  "  Debian, Ubuntu:  sudo apt-get install -y redis-server",
  "  Fedora:          sudo dnf install -y valkey",
  "  macOS:           brew install redis",
];

const isQuiet = process.argv.includes("--quiet");

ensureNode();
ensurePackages();
if (process.argv.includes("--infra")) {
  ensureSst();
  ensureNative();
}
if (!process.argv.includes("--no-redis")) ensureRedis();

function ensureNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < OLDEST_NODE_MAJOR) {
    fail(`Node ${process.versions.node} is too old: ${OLDEST_NODE_MAJOR} or later starts the set-up.`);
  }
}

function ensurePackages() {
  const reason = whyInstall();
  if (reason === undefined) {
    note(`Packages: as locked, Node ${pinnedNode()}.`);
    return;
  }
  say(`Packages: ${reason}, so "npm ci" installs them (about a minute).`);
  const npm = spawnSync("npm", ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, PATH: pathOutsideProject() },
  });
  if (npm.error !== undefined) fail(`npm could not be started (${npm.error.code}): is it on the PATH?`);
  if (npm.status !== 0) fail("npm ci failed; what it said stands above. Nothing else was done.");
  const problem = whyInstall();
  if (problem !== undefined) fail(`npm ci ended well, but ${problem}: are install scripts switched off?`);
  say(`Packages: installed, Node ${pinnedNode()}.`);
}

/** Why the packages must be installed; undefined: they stand as package-lock.json has them. */
function whyInstall() {
  const installed = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return "none are installed";
  if (statSync(installed).mtimeMs < statSync(join(ROOT, "package-lock.json")).mtimeMs)
    return "package-lock.json is newer than node_modules";
  const node = join(ROOT, "node_modules", "node");
  if (!isExecutable(join(ROOT, "node_modules", ".bin", "node"))) return "the pinned Node is missing";
  if (readJson(join(node, "package.json")).version !== pinnedNode()) return "the pinned Node is another";
  return undefined;
}

/** SST's platform: its components, Pulumi's SDK and the provider's, some 340 MB, in .sst/. */
function ensureSst() {
  const wanted = readJson(join(ROOT, "package.json")).devDependencies.sst;
  const marker = join(ROOT, ".sst", "platform-version");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) {
    note(`SST: the platform of ${wanted}.`);
    return;
  }
  say(`SST: the platform of ${wanted} is not there, so "sst install" brings it.`);
  const bin = join(ROOT, "node_modules", ".bin");
  const sst = spawnSync(join(bin, "sst"), ["install", "--stage", "dev"], {
    cwd: ROOT,
    stdio: ["ignore", 2, 2],
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      SST_SKIP_DEPENDENCY_CHECK: "true", // Pulumi itself: a deployment brings it
      SST_BUN_PATH: join(bin, "bun"),
      DO_NOT_TRACK: "1",
    },
  });
  if (sst.status !== 0) fail("sst install failed; what it said stands above.");
  writeFileSync(marker, wanted);
}

/** DuckDB for the machines that functions and jobs run on, some 130 MB; nothing where it is there. */
function ensureNative() {
  const node = join(ROOT, "node_modules", ".bin", "node");
  const native = spawnSync(node, [join(ROOT, "scripts", "native-packages.ts")], { stdio: ["ignore", 2, 2] });
  if (native.status !== 0) fail("DuckDB's native part could not be brought; why stands above.");
}

function pinnedNode() {
  return readJson(join(ROOT, "package.json")).devDependencies.node;
}

/** npm replaces node_modules, so it must not run on the Node that lies in there. */
function pathOutsideProject() {
  const inside = join(ROOT, "node_modules") + sep;
  return pathFolders()
    .filter((folder) => !`${folder}${sep}`.startsWith(inside))
    .join(delimiter);
}

function ensureRedis() {
  if ((process.env.REDIS_URL ?? "") !== "") {
    note("Redis: the server that REDIS_URL names.");
    return;
  }
  const present = findRedis();
  if (present !== undefined) {
    note(`Redis: ${present}.`);
    return;
  }
  if (process.getuid?.() !== 0 || findCommand("apt-get") === undefined) fail(...REDIS_HELP);
  installRedis();
  const installed = findRedis();
  if (installed === undefined) fail("apt-get ended well, but there is still no Redis.", ...REDIS_HELP);
  say(`Redis: ${installed}, installed.`);
}

function installRedis() {
  say("Redis: none on the PATH, so apt-get installs redis-server.");
  for (const words of [
    ["update", "-qq"],
    ["install", "-y", "-qq", "--no-install-recommends", "redis-server"],
  ]) {
    const apt = spawnSync("apt-get", words, {
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (apt.status !== 0) {
      process.stderr.write(`${apt.stdout}${apt.stderr}`);
      fail(`apt-get ${words[0]} failed; what it said stands above.`, ...REDIS_HELP);
    }
  }
  stopService();
}

/** The package may start a server of its own; Steward starts its own where it needs one. */
function stopService() {
  const words = existsSync("/run/systemd/system")
    ? ["systemctl", "disable", "--now", "redis-server"]
    : ["service", "redis-server", "stop"];
  spawnSync(words[0], words.slice(1), { stdio: "ignore" });
}

/** "redis-server 7.0.15"; undefined: neither Redis nor Valkey. */
function findRedis() {
  for (const name of REDIS_SERVERS) {
    const path = findCommand(name);
    if (path === undefined) continue;
    const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    return `${name} ${/v=([^ ]+)/.exec(stdout ?? "")?.[1] ?? "of an unknown version"}`;
  }
  return undefined;
}

function findCommand(name) {
  return pathFolders()
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function pathFolders() {
  return (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function note(line) {
  if (!isQuiet) say(line);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(...lines) {
  for (const line of lines) say(line);
  process.exit(1);
}
