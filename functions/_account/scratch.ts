// Decides where a function keeps files: on its own disk.

import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function scratchFolder(name: string): string {
  const folder = join(tmpdir(), "steward", name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
