// Decides the token of a state folder's API: made of a secret key, in a file of its owner's, compared in constant time. Known
// to others by its id alone.

import { createHash, timingSafeEqual } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import { ensureKeyFile } from "@steward/adapters";
import type { StateFolder } from "./state-folder.ts";

export interface ApiToken {
  readonly text: string;
  /** `token:` and 12 hex digits of its hash. */
  readonly id: string;
}

/** The same for as long as the secret is; writes the file that a person's curl reads. */
export function ensureApiToken(folder: StateFolder): ApiToken {
  const key = ensureKeyFile({ folder: folder.secrets, purpose: "api" });
  const text = `steward_${Buffer.from(key).toString("base64url")}`;
  const partial = `${folder.apiToken}.${process.pid}.part`;
  writeFileSync(partial, `${text}\n`, { mode: 0o600 });
  renameSync(partial, folder.apiToken);
  return { text, id: `token:${hash(text).toString("hex").slice(0, 12)}` };
}

/** Whether the header `Authorization` names the token. Hashes are compared, so that lengths tell nothing either. */
export function isAuthorised(token: ApiToken, header: string | undefined): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1] ?? "";
  return timingSafeEqual(hash(given), hash(token.text));
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
