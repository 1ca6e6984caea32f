// Decides where a process lays what it works on, and that nothing of it outlives the process: it may hold identifiers.

import { mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { currentProcess, isAlive, type ProcessIdentity } from "@steward/adapters";

/** A folder of this process's own below `scratch`; those of processes that have died are removed. */
export function openScratchFolder(scratch: string): string {
  for (const name of readdirSync(scratch)) {
    if (!isOfLivingProcess(name)) rmSync(join(scratch, name), { recursive: true, force: true });
  }
  const folder = join(scratch, toName(currentProcess()));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Removes the folder unless another platform of this process still works there. */
export function leaveScratchFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not empty, or gone: the next process that opens the state folder sees to it.
  }
}

const toName = ({ pid, startedAt }: ProcessIdentity): string => `${pid}-${encodeURIComponent(startedAt)}`;

function isOfLivingProcess(name: string): boolean {
  const [, pid, startedAt] = /^(\d+)-(.+)$/.exec(name) ?? [];
  return startedAt !== undefined && isAlive({ pid: Number(pid), startedAt: decodeURIComponent(startedAt) });
}
