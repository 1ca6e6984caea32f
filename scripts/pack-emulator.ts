// Packs the Feature Store emulator as JavaScript with all that it needs inside: a tarball that any Node from 22 on can install
// and run, alone. node scripts/pack-emulator.ts [--to FOLDER]   prints the path of the tarball.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";

const ROOT = resolve(import.meta.dirname, "..");
const PACKAGE = join(ROOT, "packages/feature-store-emulator");
/** Removed once it is packed. */
const DIST = mkdtempSync(join(tmpdir(), "steward-pack-"));
/** node:sqlite needs no flag from here on. */
const OLDEST_NODE = { major: 22, minor: 13 };
/** Older Nodes must be able to read it. Node 22 announces node:sqlite as experimental, on every start. */
const BIN = `#!/usr/bin/env node
const { node } = process.versions;
const [major, minor] = node.split(".").map(Number);
if (major < ${OLDEST_NODE.major} || (major === ${OLDEST_NODE.major} && minor < ${OLDEST_NODE.minor})) {
  console.error(\`steward-feature-store: Node ${OLDEST_NODE.major}.${OLDEST_NODE.minor} or later is needed, and this is \${node}\`);
  process.exit(1);
}
process.removeAllListeners("warning");
await import(new URL("main.js", import.meta.url).href);
`;

const { values } = parseArgs({ options: { to: { type: "string", default: "." } } });
const bundled = await bundle();
declareTypes();
writeManifest();
writeNotices(bundled);
writeFileSync(join(DIST, "bin.js"), BIN);
chmodSync(join(DIST, "bin.js"), 0o755);
copyFileSync(join(PACKAGE, "README.md"), join(DIST, "README.md"));
cpSync(join(PACKAGE, "examples"), join(DIST, "examples"), { recursive: true });
copyFileSync(join(ROOT, "LICENSE"), join(DIST, "LICENSE"));
const to = resolve(values.to);
mkdirSync(to, { recursive: true });
const [packed] = JSON.parse(
  execFileSync("npm", ["pack", DIST, "--json", "--pack-destination", to], { encoding: "utf8" }),
) as readonly { readonly filename: string }[];
rmSync(DIST, { recursive: true });
console.log(join(to, packed?.filename ?? ""));

/** The command and the library, sharing what they have in common. Gives the names of the packages inside. */
async function bundle(): Promise<ReadonlySet<string>> {
  const build = await rolldown({
    input: { main: join(PACKAGE, "src/main.ts"), index: join(PACKAGE, "src/index.ts") },
    platform: "node",
  });
  const { output } = await build.write({ dir: DIST, format: "esm", chunkFileNames: "[name]-[hash].js" });
  await build.close();
  const modules = output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
  return new Set(modules.flatMap(packageOf));
}

function packageOf(path: string): string[] {
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
  return name === undefined ? [] : [name];
}

/** Declarations of the library's entry and of what it names. */
function declareTypes(): void {
  const options = [
    "--declaration",
    "--emitDeclarationOnly",
    "--noEmit",
    "false",
    "--outDir",
    join(DIST, "types"),
  ];
  execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", join(PACKAGE, "tsconfig.pack.json"), ...options], {
    stdio: ["ignore", 2, 2],
  });
}

function writeManifest(): void {
  const { name, version, description, license, keywords } = readManifest(PACKAGE);
  const manifest = {
    ...{ name, version, description, license, keywords },
    type: "module",
    engines: { node: `>=${OLDEST_NODE.major}.${OLDEST_NODE.minor}` },
    bin: { [name]: "bin.js" },
    exports: { ".": { types: "./types/index.d.ts", default: "./index.js" } },
  };
  writeFileSync(join(DIST, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The licences of the packages that were bundled ask to be handed on with them. */
function writeNotices(names: ReadonlySet<string>): void {
  const notices = [...names].sort().map((name) => {
    const folder = [PACKAGE, ROOT].map((root) => join(root, "node_modules", name)).find(hasLicence);
    if (folder === undefined) throw new Error(`${name} is bundled and has no licence file`);
    return `${name} ${readManifest(folder).version}\n\n${readFileSync(licenceIn(folder), "utf8").trim()}\n`;
  });
  writeFileSync(join(DIST, "THIRD-PARTY-NOTICES"), notices.join(`\n${"-".repeat(80)}\n\n`));
}

function hasLicence(folder: string): boolean {
  try {
    return licenceIn(folder) !== "";
  } catch {
    return false;
  }
}

function licenceIn(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file === undefined ? "" : join(folder, file);
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}
