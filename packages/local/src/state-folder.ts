// Decides where everything of a local platform lies, and which layout of it this version can read.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { InvalidInputError } from "@steward/core";

/** Rises when the layout changes in a way that an older or newer version would misread. */
export const STATE_SCHEMA_VERSION = 3;

export interface StateFolder {
  readonly root: string;
  readonly ledger: string;
  readonly queue: string;
  readonly stream: string;
  readonly services: string;
  readonly clock: string;
  readonly metrics: string;
  readonly pages: string;
  readonly log: string;
  /** Where `steward up` answers HTTP, and the token that it asks for. */
  readonly apiUrl: string;
  readonly apiToken: string;
  readonly objects: string;
  /** A folder a source, for files that others drop there. */
  readonly incoming: string;
  readonly scratch: string;
  readonly secrets: string;
  /** The public key that certificates are checked with. */
  readonly certificateKey: string;
  readonly certificates: string;
  readonly redis: string;
  readonly featureStore: string;
}

/** Opens the folder, making it where it is not (mode 0700: it holds identifiers and a key). @throws InvalidInputError for another layout. */
export function openStateFolder(dir: string): StateFolder {
  const root = resolve(dir);
  const folder: StateFolder = {
    root,
    ledger: join(root, "ledger.sqlite"),
    queue: join(root, "queue.sqlite"),
    stream: join(root, "stream.sqlite"),
    services: join(root, "services.sqlite"),
    clock: join(root, "clock.jsonl"),
    metrics: join(root, "metrics.jsonl"),
    pages: join(root, "pages.jsonl"),
    log: join(root, "log.jsonl"),
    apiUrl: join(root, "api-url"),
    apiToken: join(root, "api-token"),
    objects: join(root, "objects"),
    incoming: join(root, "incoming"),
    scratch: join(root, "scratch"),
    secrets: join(root, "secrets"),
    certificateKey: join(root, "certificate-public-key.pem"),
    certificates: join(root, "certificates"),
    redis: join(root, "redis"),
    featureStore: join(root, "feature-store"),
  };
  try {
    for (const path of [root, folder.scratch, folder.redis])
      mkdirSync(path, { recursive: true, mode: 0o700 });
    checkVersion(join(root, "version.json"));
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(
      `the state folder ${root} cannot be used (${codeOf(error)}): choose another with --state`,
      { cause: error },
    );
  }
  return folder;
}

function checkVersion(file: string): void {
  try {
    writeFileSync(file, `${JSON.stringify({ stateSchemaVersion: STATE_SCHEMA_VERSION })}\n`, {
      flag: "wx",
      mode: 0o600,
    });
    return;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  const found: unknown = readVersion(file);
  if (found !== STATE_SCHEMA_VERSION) {
    throw new InvalidInputError(
      `${file} says layout ${String(found)}, and this version reads layout ${STATE_SCHEMA_VERSION}: use the version that made it, or another --state`,
    );
  }
}

function readVersion(file: string): unknown {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { stateSchemaVersion?: unknown }).stateSchemaVersion;
  } catch (error) {
    if (error instanceof SyntaxError) return "unknown";
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "no reason given";
}
