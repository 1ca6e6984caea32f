// Decides: which calls and which entries fail on purpose, by a seeded dice.
// Leaves to others: the real rules. A fault is never an invalid request's answer.
import { AwsError } from "./aws-error.ts";

/** Rates are shares from 0 to 1. */
export interface FaultSettings {
  /** Share of calls answered 400 ThrottlingException, without effect. */
  readonly throttleRate: number;
  /** Share of calls answered 500 InternalFailure, without effect. */
  readonly errorRate: number;
  /** Share of the entries of a batch that come back unprocessed, without effect. */
  readonly partialBatchRate: number;
  /** Added before every call takes effect, in real time. */
  readonly latencyMs: number;
  readonly seed: number;
}

interface Dice {
  readonly settings: FaultSettings;
  readonly roll: () => number;
}

/** Faults of every group, or of one by name; a group's own settings replace the general ones. */
export class Faults {
  readonly #byGroup = new Map<string, Dice>();
  #general: Dice | undefined;

  get isEmpty(): boolean {
    return this.#general === undefined && this.#byGroup.size === 0;
  }

  /** The same settings again start the same dice anew. */
  set(group: string | undefined, settings: FaultSettings): void {
    const dice = { settings, roll: toRandom(settings.seed) };
    if (group === undefined) this.#general = dice;
    else this.#byGroup.set(group, dice);
  }

  clear(): void {
    this.#general = undefined;
    this.#byGroup.clear();
  }

  latencyMs(nameOrArn: string): number {
    return this.#diceOf(nameOrArn)?.settings.latencyMs ?? 0;
  }

  /** @throws AwsError when the dice say that this call fails. */
  strikeCall(nameOrArn: string): void {
    const dice = this.#diceOf(nameOrArn);
    if (dice === undefined) return;
    const roll = dice.roll();
    const { throttleRate, errorRate } = dice.settings;
    if (roll < throttleRate) throw new AwsError("ThrottlingException", 400, "Rate exceeded");
    if (roll < throttleRate + errorRate)
      throw new AwsError("InternalFailure", 500, "An internal failure occurred.");
  }

  /** Whether this entry of a batch comes back unprocessed. */
  strikesEntry(nameOrArn: string): boolean {
    const dice = this.#diceOf(nameOrArn);
    return dice !== undefined && dice.roll() < dice.settings.partialBatchRate;
  }

  #diceOf(nameOrArn: string): Dice | undefined {
    return this.#byGroup.get(nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1)) ?? this.#general;
  }
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
