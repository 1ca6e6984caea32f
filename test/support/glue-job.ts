// Runs the batch job as Glue does: glue/run_batch.py by Python in a folder of its own, the bundle beside it as the stage packs it, and
// the credentials of a role where boto3 finds them.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, linkSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { pythonOf } from "./python.ts";

export interface GlueJob {
  /** Those that have ended. */
  readonly runs: readonly JobRun[];
  /** By the arguments of StartJobRun. */
  run(given: Readonly<Record<string, string>>): Promise<JobRun>;
  close(): Promise<void>;
}

export interface JobRun {
  readonly step: string;
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GlueJobOptions {
  readonly folder: string;
  /** The folder of the bundle, and that of DuckDB's native part. */
  readonly bundle: string;
  readonly native: string;
  /** What the stage says to the job. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of this machine: where AWS is, with the keys and the Region that Glue would give. */
  readonly aws: Readonly<Record<string, string>>;
}

const SCRIPT = resolve("glue/run_batch.py");
const NODE = resolve("node_modules/.bin/node");
const ZIP = "steward-batch.zip";
/** Into the archive: all files below a folder, by their paths in it. */
const PACK = `
import pathlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    for file in pathlib.Path(sys.argv[2]).rglob("*"):
        archive.write(file, file.relative_to(sys.argv[2]))
`;

export async function openGlueJob({
  folder,
  bundle,
  native,
  environment,
  aws,
}: GlueJobOptions): Promise<GlueJob> {
  const python = await pythonOf("sagemaker-2");
  const packed = join(folder, "packed");
  cpSync(bundle, packed, { recursive: true });
  cpSync(native, join(packed, "node_modules"), { recursive: true });
  await promisify(execFile)(python, ["-c", PACK, join(folder, ZIP), packed]);
  const role = await openRole(aws);
  const env = {
    PATH: process.env.PATH,
    STEWARD_NODE: NODE,
    AWS_DEFAULT_REGION: aws.AWS_REGION,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: role.url,
    ...Object.fromEntries(Object.entries(aws).filter(([name]) => name.startsWith("AWS_ENDPOINT_URL"))),
  };
  const runs: JobRun[] = [];
  return {
    runs,
    async run(given) {
      const cwd = mkdtempSync(join(folder, "job-"));
      linkSync(join(folder, ZIP), join(cwd, ZIP));
      const named = { "--JOB_NAME": "steward-test", "--environment": JSON.stringify(environment), ...given };
      const child = spawn(python, [SCRIPT, ...Object.entries(named).flat()], {
        cwd,
        env: { ...env, TMPDIR: cwd },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true, // a group of its own, which ends with it
      });
      running.add(child);
      const ended = new Promise<number | null>((done) => child.on("close", done));
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      const run = { step: given["--step"] ?? "", exitCode: await ended, stdout, stderr };
      running.delete(child);
      runs.push(run);
      rmSync(cwd, { recursive: true });
      return run;
    },
    async close() {
      for (const child of running) end(child);
      await role.close();
    },
  };
}

/** None outlives the tests, nor what it started. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) end(child);
});

function end({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, "SIGKILL");
}

/** Gives the keys as a container's agent does. */
async function openRole({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }: GlueJobOptions["aws"]) {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json").end(
      JSON.stringify({
        AccessKeyId: AWS_ACCESS_KEY_ID,
        SecretAccessKey: AWS_SECRET_ACCESS_KEY,
        Token: "of-the-role",
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/role`,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((done) => server.close(() => done()));
    },
  };
}
