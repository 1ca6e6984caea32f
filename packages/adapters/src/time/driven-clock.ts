// Decides what time it is on a local platform: the machine's, until somebody drives it; then what they set, until they
// set it again. Leaves leases, pauses and visibility to the real time of system-timer.ts.

import { appendFileSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import {
  type Clock,
  type EpochMs,
  InvalidInputError,
  parseInstant,
  type Timer,
  toEpochMs,
  toIso,
} from "@steward/core";

/** What the file says so far: nobody asked yet, real time was told since an instant, or somebody set an instant. */
type Setting =
  | { readonly kind: "unread" }
  | { readonly kind: "real"; readonly sinceMs: EpochMs }
  | { readonly kind: "driven"; readonly atMs: EpochMs };

/**
 * A clock kept in a file of JSON lines, shared by the processes of one state folder. The file only grows, each line by
 * one atomic append, and the setting is what its lines say in order: a line that would go back counts for nothing, so
 * that two processes that set it at once agree on the outcome without a lock.
 *
 * The first setting of a fresh state may be any instant, the past included. Once real time was told (the first `now`
 * without a setting is noted in the file), a setting before the present would go back and is refused.
 */
export class DrivenClock implements Clock {
  readonly #file: string;
  readonly #timer: Timer;
  #setting: Setting = { kind: "unread" };
  #readBytes = 0;
  #lastMs: number = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly file: string; readonly timer: Timer }) {
    this.#file = options.file;
    this.#timer = options.timer;
  }

  now(): EpochMs {
    let setting = this.#read();
    if (setting.kind === "unread") {
      this.#append({ realSince: toIso(this.#realMs()) });
      setting = this.#read();
    }
    const nowMs = setting.kind === "driven" ? setting.atMs : this.#realMs();
    this.#lastMs = Math.max(this.#lastMs, nowMs);
    return toEpochMs(this.#lastMs);
  }

  /** Whether the time stands where somebody set it. */
  isDriven(): boolean {
    return this.#read().kind === "driven";
  }

  /** @throws InvalidInputError when the clock has been later than that. */
  set(instant: EpochMs): void {
    const before = this.#read();
    const standingMs = before.kind === "real" ? this.#realMs() : floorOf(before);
    const floorMs = Math.max(standingMs, this.#lastMs);
    if (instant < floorMs) throw refusal(instant, toEpochMs(floorMs));
    if (before.kind === "driven" && instant === before.atMs) return;
    this.#append({ drivenTo: toIso(instant) });
    const after = this.#read();
    if (after.kind === "driven" && after.atMs > instant) throw refusal(instant, after.atMs);
    if (after.kind === "real") throw refusal(instant, after.sinceMs);
  }

  #realMs(): EpochMs {
    return toEpochMs(Math.floor(this.#timer.nowMs()));
  }

  #append(line: Readonly<Record<string, string>>): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  /** Since the file only grows, its size tells whether it must be read again. */
  #read(): Setting {
    const sizeBytes = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
    if (sizeBytes === this.#readBytes) return this.#setting;
    const bytes = readFileSync(this.#file);
    this.#readBytes = bytes.length;
    this.#setting = bytes.toString("utf8").split("\n").reduce<Setting>(apply, { kind: "unread" });
    return this.#setting;
  }
}

function apply(setting: Setting, line: string): Setting {
  const real = /^\{"realSince":"([^"]+)"\}$/.exec(line)?.[1];
  if (real !== undefined && setting.kind === "unread") {
    const sinceMs = parseInstant(real);
    return sinceMs === undefined ? setting : { kind: "real", sinceMs };
  }
  const driven = /^\{"drivenTo":"([^"]+)"\}$/.exec(line)?.[1];
  const atMs = driven === undefined ? undefined : parseInstant(driven);
  if (atMs === undefined || atMs < floorOf(setting)) return setting;
  return { kind: "driven", atMs };
}

function floorOf(setting: Setting): number {
  if (setting.kind === "unread") return Number.NEGATIVE_INFINITY;
  return setting.kind === "real" ? setting.sinceMs : setting.atMs;
}

function refusal(instant: EpochMs, now: EpochMs): InvalidInputError {
  return new InvalidInputError(
    `the clock may not go back: it stands at ${toIso(now)}, after ${toIso(instant)}`,
  );
}
