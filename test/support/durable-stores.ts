// Ledgers and object stores of a test, the real ones, in a folder of their own that goes with the test.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FolderObjectStore, SqliteLedger } from "@steward/adapters";
import type { Timer } from "@steward/core";
import { onTestFinished } from "vitest";

/** Real time as a test drives it: it moves only by sleeping or by hand. */
export class DrivenTimer implements Timer {
  readonly slept: number[] = [];
  spread = 0.5;
  #nowMs: number;

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(durationMs: number): Promise<void> {
    this.slept.push(durationMs);
    this.#nowMs += durationMs;
  }

  fraction(): number {
    return this.spread;
  }

  advance(durationMs: number): void {
    this.#nowMs += durationMs;
  }
}

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "steward-unit-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function aLedger(): SqliteLedger {
  const ledger = new SqliteLedger({ file: join(aFolder(), "ledger.db") });
  onTestFinished(() => ledger.close());
  return ledger;
}

export function anObjectStore(): FolderObjectStore {
  const objects = new FolderObjectStore({ root: aFolder(), timer: new DrivenTimer() });
  onTestFinished(() => objects.close());
  return objects;
}
