// Decides what a machine must have for a local platform, and says how to get what is missing.

import { execFileSync } from "node:child_process";
import { answersPing, findRedisServer, REDIS_REMEDY } from "./services/redis-server.ts";

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

const MIN_NODE_MAJOR = 24;

export async function checkMachine(): Promise<readonly Check[]> {
  return [checkNode(), await checkRedis(), checkSpark()];
}

function checkNode(): Check {
  const major = Number(process.versions.node.split(".")[0]);
  const detail = `Node ${process.versions.node}`;
  if (major >= MIN_NODE_MAJOR) return { name: "node", ok: true, detail };
  return {
    name: "node",
    ok: false,
    detail,
    remedy: "run by npx or npm run in the project, which brings Node 24 with it",
  };
}

async function checkRedis(): Promise<Check> {
  const url = process.env.REDIS_URL;
  if (url !== undefined && url !== "") {
    const ok = await answersPing(url);
    return {
      name: "redis",
      ok,
      detail: `REDIS_URL ${ok ? "answers" : "does not answer"}`,
      ...(ok ? {} : { remedy: "start that server, or unset REDIS_URL" }),
    };
  }
  const path = findRedisServer();
  if (path === undefined)
    return {
      name: "redis",
      ok: false,
      detail: "no redis-server or valkey-server on the PATH",
      remedy: REDIS_REMEDY,
    };
  return { name: "redis", ok: true, detail: path };
}

/** Spark is an option: the embedded engine is DuckDB. */
function checkSpark(): Check {
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
    return { name: "java", ok: true, detail: "found (only local Spark needs it)" };
  } catch {
    return { name: "java", ok: true, detail: "not found (only local Spark needs it)" };
  }
}
