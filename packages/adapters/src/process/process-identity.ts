// Decides what tells one process of this machine from every other: its pid together with the moment it was started.
// Leaves to the adapters what a process holds, and what becomes of it when the process has died.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { UnavailableError } from "@steward/core";

/** A type alias, so that it may lie in a ledger item as it is. */
export type ProcessIdentity = {
  readonly pid: number;
  /** Compared for equality only: its form differs between operating systems. */
  readonly startedAt: string;
};

/** Positions counted after the name, which may itself hold blanks and brackets: fields 3 and 22 of
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, read 2026-11-24. */
const STATE_FIELD = 3 - 3;
const START_TIME_FIELD = 22 - 3;

/** @throws UnavailableError where the operating system does not say when a process was started. */
export function currentProcess(): ProcessIdentity {
  const startedAt = findStartedAt(process.pid);
  if (startedAt === undefined) {
    throw new UnavailableError(`cannot read when process ${process.pid} was started (/proc or ps)`);
  }
  return { pid: process.pid, startedAt };
}

/** False once the process has ended, even if its pid has since been given to another. */
export function isAlive(identity: ProcessIdentity): boolean {
  return findStartedAt(identity.pid) === identity.startedAt;
}

/** The identity of a process of this machine; undefined when there is none. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = findStartedAt(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

function findStartedAt(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === "linux" ? findInProc(pid) : findInPs(pid);
}

function findInProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (isDeadState(fields[STATE_FIELD])) return undefined;
  // The start time counts from boot, so that the boot has to be named with it.
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${boot}:${fields[START_TIME_FIELD]}`;
}

function findInPs(pid: number): string | undefined {
  try {
    const text = execFileSync("ps", ["-o", "stat=", "-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [state, ...startedAt] = text.trim().split(/\s+/);
    return startedAt.length === 0 || isDeadState(state) ? undefined : startedAt.join(" ");
  } catch {
    return undefined;
  }
}

/** A killed process that its parent has not yet taken note of (a zombie) acts no more. */
function isDeadState(state: string | undefined): boolean {
  return state === undefined || state.startsWith("Z") || state.startsWith("X");
}
