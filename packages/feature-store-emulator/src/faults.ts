// Decides: which calls and which entries fail on purpose, by a seeded dice, how long they take, and what pace they are held to.
// Leaves to others: the real rules, and counting units (pace.ts).
import { AwsError } from "./aws-error.ts";
import { Pace, type PaceSettings } from "./pace.ts";
import type { FeatureGroup } from "./store/feature-group.ts";

/** Rates are shares from 0 to 1. */
export interface FaultSettings {
  /** Share of calls answered 400 ThrottlingException, without effect. */
  readonly throttleRate: number;
  /** Share of calls answered with `errorName`, without effect. */
  readonly errorRate: number;
  readonly errorName: FaultName;
  /** Share of calls whose connection is reset: without effect, or after it, so that the caller cannot know. */
  readonly resetRate: number;
  readonly resetAfterEffectRate: number;
  /** Share of the entries of a batch that come back unprocessed, without effect; an entry of BatchGetRecord is a group. */
  readonly partialBatchRate: number;
  /** Share of the records that a BatchGetRecord asks for that come back unprocessed, whatever their group. */
  readonly unreadRate: number;
  /** Added before every call takes effect, in real time: always the same, or of a lognormal distribution. */
  readonly latencyMs: number | Latency;
  /** How long after its creation no call finds a group yet, on the emulator's clock; it is described all the while. */
  readonly notFoundForMs: number;
  readonly pace?: PaceSettings | undefined;
  /** How long a connection may be idle before it is reset. Connections belong to no group. */
  readonly idleMs?: number | undefined;
  readonly seed: number;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export const FAULT_STATUS = { InternalFailure: 500, ServiceUnavailable: 503, AccessForbidden: 403 } as const;
export type FaultName = keyof typeof FAULT_STATUS;

/** The connection is to be reset, without an answer. */
export class ConnectionCut extends Error {
  override readonly name = "ConnectionCut";
}

interface Dice {
  readonly settings: FaultSettings;
  readonly roll: () => number;
  readonly pace: Pace | undefined;
}

/** AWS was seen to cut idle connections after a minute (github.com/aws/aws-sdk issue 752, read 2026-11-22). */
const IDLE_MS = 60_000;
/** 99 of 100 values of the standard normal distribution lie below. */
const NORMAL_P99 = 2.326_347_874;

/** Faults of every group, or of one by name; a group's own settings replace the general ones. */
export class Faults {
  readonly #byGroup = new Map<string, Dice>();
  #general: Dice | undefined;

  get isEmpty(): boolean {
    return this.#general === undefined && this.#byGroup.size === 0;
  }

  get idleMs(): number {
    return this.#general?.settings.idleMs ?? IDLE_MS;
  }

  /** The same settings again start the same dice anew. */
  set(group: string | undefined, settings: FaultSettings): void {
    const pace = settings.pace === undefined ? undefined : new Pace(settings.pace);
    const dice = { settings, roll: toRandom(settings.seed), pace };
    if (group === undefined) this.#general = dice;
    else this.#byGroup.set(group, dice);
  }

  /** All that is set, the general settings first. */
  list(): readonly (FaultSettings & { readonly group?: string })[] {
    const own = [...this.#byGroup].map(([group, { settings }]) => ({ group, ...settings }));
    return this.#general === undefined ? own : [this.#general.settings, ...own];
  }

  /** Of one group, or all of them. */
  clear(group?: string): void {
    if (group !== undefined) this.#byGroup.delete(group);
    else {
      this.#general = undefined;
      this.#byGroup.clear();
    }
  }

  /** Whether the group is so new that no call finds it. */
  hides({ name, definition }: FeatureGroup, nowMs: number): boolean {
    const hiddenMs = this.#diceOf(name)?.settings.notFoundForMs ?? 0;
    return hiddenMs > 0 && nowMs - definition.createdAtMs < hiddenMs;
  }

  latencyMs(nameOrArn: string): number {
    const dice = this.#diceOf(nameOrArn);
    if (dice === undefined) return 0;
    const { latencyMs } = dice.settings;
    return typeof latencyMs === "number" ? latencyMs : toLatencyMs(latencyMs, dice.roll);
  }

  /** Whether the connection is to be reset after the call's effect. @throws what the dice say the call ends with. */
  strikeCall(nameOrArn: string): boolean {
    const dice = this.#diceOf(nameOrArn);
    if (dice === undefined) return false;
    const { throttleRate, errorRate, errorName, resetRate, resetAfterEffectRate } = dice.settings;
    let rest = dice.roll();
    const falls = (rate: number): boolean => {
      rest -= rate;
      return rest < 0;
    };
    if (falls(throttleRate)) throw throttled();
    if (falls(errorRate))
      throw new AwsError(errorName, FAULT_STATUS[errorName], "The call failed on purpose.");
    if (falls(resetRate)) throw new ConnectionCut();
    return falls(resetAfterEffectRate);
  }

  /** Whether this entry of a batch comes back unprocessed. */
  strikesEntry(nameOrArn: string): boolean {
    const dice = this.#diceOf(nameOrArn);
    return dice !== undefined && dice.roll() < dice.settings.partialBatchRate;
  }

  /** Whether this record of a BatchGetRecord comes back unprocessed. */
  strikesRecord(nameOrArn: string): boolean {
    const dice = this.#diceOf(nameOrArn);
    return dice !== undefined && dice.settings.unreadRate > 0 && dice.roll() < dice.settings.unreadRate;
  }

  /** What the group is held to; undefined: nothing. */
  paceOf(nameOrArn: string): Pace | undefined {
    return this.#diceOf(nameOrArn)?.pace;
  }

  #diceOf(nameOrArn: string): Dice | undefined {
    if (this.#byGroup.size === 0) return this.#general;
    return this.#byGroup.get(nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1)) ?? this.#general;
  }
}

/** Not in the service's model; SageMaker's other runtimes answer so. */
export function throttled(): AwsError {
  return new AwsError("ThrottlingException", 400, "Rate exceeded");
}

/** By Box and Muller. */
function toLatencyMs({ p50, p99 }: Latency, roll: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - roll())) * Math.cos(2 * Math.PI * roll());
  return p50 * (p99 / p50) ** (normal / NORMAL_P99);
}

/** Mulberry32: a number in [0, 1) a call, the same sequence for the same seed. */
function toRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
