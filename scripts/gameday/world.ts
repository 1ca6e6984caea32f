// One platform of a game day, left running on a clock that is driven fast: fed with files, watched, and shown what goes wrong.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DrivenClock } from "@steward/adapters";
import {
  type AlarmState,
  type EpochMs,
  type FeatureGroup,
  type Incident,
  listAlarms,
  listIncidents,
  type Page,
  startRefresh,
} from "@steward/core";
import { openPlatform, type Platform, stopServices } from "@steward/local";
import { FaultyEngine } from "./faulty-engine.ts";
import { dropFile, type FeedMode } from "./feed.ts";

export const PERIOD_MS = 60_000;
const START = Date.UTC(2026, 0, 5, 8) as EpochMs;
/** A minute of the platform in a second: a check, a slot and a run take about their real share of it. */
const TICK_MS = 6_000;
const REAL_TICK_MS = 100;
const LOOK_MS = 100;
const FEED_EVERY_MS = 2 * PERIOD_MS;
/** Real time in which nothing of a run moves: longer than a step's own tries, which are in real time too. */
const RUN_STUCK_MS = 20_000;
export const REMEDY_BUDGET = 3;

/** What was seen to change, by the platform's clock. */
export interface Seen {
  readonly atMs: EpochMs;
  readonly what: "alarm on" | "alarm off" | "incident" | "page";
  readonly name: string;
  readonly group: string | null;
  readonly state: string;
}

export class World {
  readonly platform: Platform;
  readonly engine: FaultyEngine;
  readonly feeds = new Map<string, FeedMode>();
  readonly dropped: { readonly source: string; readonly path: string; readonly mode: FeedMode }[] = [];
  readonly seen: Seen[] = [];
  readonly #dir: string;
  readonly #states = new Map<string, string>();
  readonly #hooks: (() => Promise<void>)[] = [];
  #fedMs: number = START;

  private constructor(dir: string, platform: Platform, engine: FaultyEngine) {
    this.#dir = dir;
    this.platform = platform;
    this.engine = engine;
  }

  /** Fresh groups on a platform of their own, and everything that looks after them at work. */
  static async open(groups: readonly FeatureGroup[]): Promise<World> {
    const dir = mkdtempSync(join(tmpdir(), "steward-gameday-"));
    const faulty = new FaultyEngine();
    const platform = await openPlatform({
      stateDir: dir,
      groups,
      clockMs: START,
      upkeepMs: LOOK_MS,
      engine: (engine) => faulty.wrap(engine),
      settings: { checkPeriodMs: PERIOD_MS, runStuckMs: RUN_STUCK_MS, remedyBudget: REMEDY_BUDGET },
    });
    const world = new World(dir, platform, faulty);
    platform.startWorkers();
    for (const { name, source } of groups) {
      world.feeds.set(source.name, "sound");
      const file = dropFile(platform.folder.incoming, source.name, "sound", START);
      const inputs = file === undefined ? [] : [file];
      const run = await platform.settled(
        await startRefresh(platform.ports, { group: name, asOfMs: START, inputs }),
      );
      if (run.status !== "succeeded") throw new Error(`the first refresh of ${name} did not succeed`);
    }
    platform.startUpkeep();
    return world;
  }

  get nowMs(): EpochMs {
    return this.platform.ports.clock.now();
  }

  /** Done at every tick from now on. */
  everyTick(hook: () => Promise<void>): void {
    this.#hooks.push(hook);
  }

  /** Lets the clock run until it holds. @throws Error after so many minutes of the clock. */
  async until(what: string, minutes: number, holds: () => Promise<boolean>): Promise<void> {
    const endMs = this.nowMs + minutes * PERIOD_MS;
    while (!(await holds())) {
      if (this.nowMs >= endMs) throw new Error(`${what}: not within ${minutes} minutes of the clock`);
      await this.#tick();
    }
  }

  async pass(minutes: number): Promise<void> {
    const endMs = this.nowMs + minutes * PERIOD_MS;
    await this.until("time passes", minutes + 1, async () => this.nowMs >= endMs);
  }

  incidents(): Promise<readonly Incident[]> {
    return listIncidents(this.platform.ports.ledger);
  }

  pages(): readonly Page[] {
    const file = this.platform.folder.pages;
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Page); // the pager wrote it
  }

  /** Every metric line that was put. */
  metricLines(): readonly string[] {
    return readFileSync(this.platform.folder.metrics, "utf8").trimEnd().split("\n");
  }

  async close(): Promise<void> {
    await this.platform.close();
    await stopServices(this.#dir, true);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #tick(): Promise<void> {
    const { clock } = this.platform.ports;
    if (!(clock instanceof DrivenClock)) throw new Error("the clock is not driven");
    await sleep(REAL_TICK_MS);
    clock.set((clock.now() + TICK_MS) as EpochMs);
    if (clock.now() - this.#fedMs >= FEED_EVERY_MS) this.#feed();
    for (const hook of this.#hooks) await hook();
    await this.#look();
  }

  #feed(): void {
    this.#fedMs = this.nowMs;
    for (const [source, mode] of this.feeds) {
      const path = dropFile(this.platform.folder.incoming, source, mode, this.nowMs);
      if (path !== undefined) this.dropped.push({ source, path, mode });
    }
  }

  async #look(): Promise<void> {
    for (const alarm of await listAlarms(this.platform.ports.ledger)) this.#note(alarm);
    for (const { incidentId, group, status, diagnosis } of await this.incidents())
      this.#change("incident", incidentId, group, `${status} ${diagnosis?.kind ?? ""}`.trim(), this.nowMs);
    for (const { pageId, group, subject } of this.pages())
      this.#change("page", pageId, group, subject, this.nowMs);
  }

  #note({ name, state, sinceMs }: AlarmState): void {
    const known = this.#states.get(name);
    if (known === undefined && state === "ok") return;
    const group = [...this.platform.ports.definitions.list()].find((one) => name.includes(one.name))?.name;
    this.#change(state === "alarm" ? "alarm on" : "alarm off", name, group ?? null, state, sinceMs);
  }

  #change(what: Seen["what"], name: string, group: string | null, state: string, atMs: EpochMs): void {
    if (this.#states.get(name) === state) return;
    this.#states.set(name, state);
    this.seen.push({ atMs, what, name, group, state });
  }
}
