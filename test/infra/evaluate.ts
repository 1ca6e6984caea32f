// Evaluates a stage with the real `sst diff`. Two things about it are not real: the pulumi executable (pulumi.mjs, which
// runs the program under Pulumi's own mocks), and, on a loopback port, the few AWS calls of the SST command itself.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, glob, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { Graph, GraphResource } from "./graph.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const WORK = join(ROOT, ".sst");
const BIN = join(ROOT, "node_modules/.bin");
const RUN_MS = 120_000;

/** One after another: every run of SST uses .sst/artifacts. @throws Error with what SST and the program said. */
export async function evaluate(stage: string): Promise<Graph> {
  if (!existsSync(join(WORK, "platform/node_modules")))
    throw new Error("SST's platform is missing: run `npm run sst:install`");
  const folder = join(WORK, "test", stage);
  const artifacts = join(WORK, "artifacts");
  for (const old of [folder, artifacts]) await rm(old, { recursive: true, force: true });
  for (const needed of [join(folder, "home"), artifacts]) await mkdir(needed, { recursive: true });
  const graphFile = join(folder, "graph.json");
  const aws = await startAccount();
  try {
    const { code, stderr } = await runSst(stage, join(folder, "home"), graphFile, aws.url);
    const graph = existsSync(graphFile)
      ? (JSON.parse(await readFile(graphFile, "utf8")) as Written)
      : undefined;
    if (code !== 0 || graph === undefined || aws.unexpected.length > 0) {
      const log = await readFile(join(WORK, "log/pulumi.err.log"), "utf8").catch(() => "");
      const said = [...aws.unexpected, ...(graph?.errors ?? [log]), stderr];
      throw new Error([`sst diff --stage ${stage} ended with ${code}`, ...said].join("\n\n"));
    }
    await cp(artifacts, join(folder, "artifacts"), { recursive: true });
    return { stage, resources: graph.resources, config: graph.config, bundles: await bundlesIn(folder) };
  } finally {
    aws.close();
    await removeLinkTypes();
  }
}

/** SST writes them for links, of which there are none here: functions are told by their environment. */
async function removeLinkTypes(): Promise<void> {
  for await (const file of glob("{*,packages/*}/sst-env.d.ts", { cwd: ROOT })) await rm(join(ROOT, file));
  await rm(join(ROOT, "sst-env.d.ts"), { force: true });
}

interface Written {
  readonly config: Readonly<Record<string, string>>;
  readonly resources: readonly GraphResource[];
  readonly errors: readonly string[];
}

async function runSst(stage: string, home: string, graphFile: string, awsUrl: string) {
  const pulumi = join(import.meta.dirname, "pulumi.mjs");
  await chmod(pulumi, 0o755);
  const child = spawn(join(BIN, "sst"), ["diff", "--stage", stage, "--json"], {
    cwd: ROOT,
    // Nothing of the caller's AWS set-up gets through.
    env: {
      PATH: `${BIN}:${process.env.PATH}`,
      HOME: home,
      XDG_CONFIG_HOME: home,
      DO_NOT_TRACK: "1",
      SST_SKIP_DEPENDENCY_CHECK: "true",
      SST_BUN_PATH: join(BIN, "bun"),
      SST_PULUMI_PATH: pulumi,
      SST_GRAPH: graphFile,
      AWS_ENDPOINT_URL: awsUrl,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: RUN_MS,
  });
  const ended = new Promise<number | null>((done) => child.on("close", done));
  const stderr = await text(child.stderr);
  return { code: await ended, stderr };
}

/** Folder of each bundled function, by SST's own id of it. */
async function bundlesIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(join(folder, "artifacts"));
  const sources = names.filter((name) => name.endsWith("-src"));
  return Object.fromEntries(
    sources.map((name) => [name.slice(0, -"-src".length), join(folder, "artifacts", name)]),
  );
}

const BOOTSTRAP = {
  version: 99,
  asset: "sst-asset-test",
  state: "sst-state-test",
  assetEcrRegistryId: "123456789012",
  assetEcrUrl: "123456789012.dkr.ecr.us-east-1.amazonaws.com/sst-asset",
};
const NOTHING_DEPLOYED = {
  version: 3,
  checkpoint: {
    stack: "organization/test/test",
    latest: { manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" }, resources: [] },
  },
};
const PASSPHRASE = Buffer.alloc(32, 1).toString("base64");

/** Answers what the SST command asks an account before it evaluates; anything else is kept as unexpected. */
async function startAccount() {
  const unexpected: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    response.setHeader("Connection", "close");
    const target = String(request.headers["x-amz-target"] ?? "");
    const url = request.url ?? "";
    if (target === "AmazonSSM.GetParameter") {
      const { Name } = JSON.parse(body) as { Name: string };
      const Value = Name === "/sst/bootstrap" ? JSON.stringify(BOOTSTRAP) : PASSPHRASE;
      response.end(JSON.stringify({ Parameter: { Name, Value } }));
    } else if (request.method === "GET" && url.startsWith("/sst-state-test/app/")) {
      response.end(JSON.stringify(NOTHING_DEPLOYED));
    } else if (request.method === "GET" && url.startsWith("/sst-state-test/secret/")) {
      response
        .writeHead(404, { "content-type": "application/xml" })
        .end("<Error><Code>NoSuchKey</Code></Error>");
    } else {
      unexpected.push(`${request.method} ${url} ${target}`);
      response
        .writeHead(400, { "content-type": "application/xml" })
        .end("<Error><Code>Unexpected</Code></Error>");
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, unexpected, close: () => server.close() };
}
