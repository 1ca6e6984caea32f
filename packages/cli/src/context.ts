// Decides how a command comes to what it needs (groups, ledger, platform) under the common options, and leaves it again.
// Everything heavy is imported when it is first asked for, so that help is there at once.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { EpochMs, FeatureGroup, Settings } from "@steward/core";
import type { LedgerView, Platform } from "@steward/local";
import type { Interrupt, Interruption } from "./interruption.ts";
import { toInstant } from "./option-values.ts";
import { Output } from "./output.ts";
import { UsageError } from "./plain-error.ts";

/** As the command line gives them. */
export interface CommonOptions {
  readonly state: string;
  readonly features?: string;
  readonly clock?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly pace?: number;
  readonly setAsideThreshold?: number;
  readonly offlineDelay?: number;
}

export class Context {
  readonly stateDir: string;
  readonly output: Output;
  /** Resolves when the command is to end in the middle. */
  readonly interrupted: Promise<Interrupt>;
  readonly #options: CommonOptions;
  #groups: Promise<readonly FeatureGroup[]> | undefined;
  #platform: Promise<Platform> | undefined;
  #ledger: LedgerView | undefined;
  readonly #notes: (() => string)[] = [];

  constructor(options: CommonOptions, interruption: Interruption) {
    if (options.state === "") throw new UsageError("--state needs a folder");
    this.#options = options;
    this.stateDir = resolve(options.state);
    this.output = new Output({ json: options.json === true, quiet: options.quiet === true });
    this.interrupted = interruption.happened;
  }

  /** Whether anything has run in the state folder. */
  get hasState(): boolean {
    return existsSync(join(this.stateDir, "version.json"));
  }

  /** Whether options were given that another process would not work by. */
  get hasOwnSettings(): boolean {
    const { clock, setAsideThreshold } = this.#options;
    return clock !== undefined || setAsideThreshold !== undefined;
  }

  /** Records a second at most; undefined: as the platform is set. */
  get pace(): number | undefined {
    return this.#options.pace;
  }

  /** Adds what a person must know when the command ends in the middle. */
  onInterrupt(note: () => string): void {
    this.#notes.push(note);
  }

  describeInterruption(): string {
    const notes = this.#notes.map((note) => note());
    return `interrupted: ${notes.length === 0 ? "no run was begun" : notes.join("; ")}`;
  }

  /** By name, ascending. */
  groups(): Promise<readonly FeatureGroup[]> {
    this.#groups ??= loadGroups(this.#options.features);
    return this.#groups;
  }

  /** @throws InvalidInputError naming the groups that there are. */
  async group(name: string): Promise<FeatureGroup> {
    const groups = await this.groups();
    const found = groups.find((group) => group.name === name);
    if (found !== undefined) return found;
    const { InvalidInputError } = await import("@steward/core");
    throw new InvalidInputError(
      `there is no feature group "${name}"; there are: ${groups.map((group) => group.name).join(", ")}`,
    );
  }

  /** Starts or adopts the servers. */
  openPlatform(onState?: (execution: string, state: string) => void): Promise<Platform> {
    this.#platform ??= this.#open(onState);
    return this.#platform;
  }

  /** Starts nothing; undefined where nothing has run in the state folder and none is wanted by --clock. */
  async openLedger(): Promise<LedgerView | undefined> {
    const clockMs = await this.#clockMs();
    if (clockMs === undefined && !this.hasState) return undefined;
    const { openLedgerView } = await import("@steward/local");
    this.#ledger ??= openLedgerView(this.stateDir, clockMs);
    return this.#ledger;
  }

  async close(): Promise<void> {
    this.#ledger?.close();
    const platform = await this.#platform?.catch(() => undefined);
    await platform?.close();
  }

  async #open(onState?: (execution: string, state: string) => void): Promise<Platform> {
    const groups = await this.groups();
    const clockMs = await this.#clockMs();
    const { openPlatform } = await import("@steward/local");
    const { offlineDelay } = this.#options;
    return openPlatform({
      stateDir: this.stateDir,
      groups,
      settings: this.#settings(),
      ...(clockMs === undefined ? {} : { clockMs }),
      ...(offlineDelay === undefined ? {} : { offlineDelayMs: offlineDelay }),
      ...(onState === undefined
        ? {}
        : { onState: (_machine: string, execution: string, state: string) => onState(execution, state) }),
    });
  }

  #settings(): Partial<Settings> {
    const { pace, setAsideThreshold } = this.#options;
    return {
      ...(pace === undefined ? {} : { unitsPerSecond: pace }),
      ...(setAsideThreshold === undefined ? {} : { setAsideThreshold }),
    };
  }

  #clockMs(): Promise<EpochMs | undefined> {
    return toInstant("--clock", this.#options.clock);
  }
}

async function loadGroups(dir: string | undefined): Promise<readonly FeatureGroup[]> {
  if (dir === "") throw new UsageError("--features needs a folder");
  if (dir === undefined) {
    const builtIn = Object.values(await import("@steward/features"));
    return builtIn.sort((left, right) => (left.name < right.name ? -1 : 1));
  }
  const [{ GroupList }, { loadGroups: load }] = await Promise.all([
    import("@steward/core"),
    import("@steward/local"),
  ]);
  return new GroupList(await load(dir)).list();
}
