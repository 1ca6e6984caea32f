// How the generators of sample events are called: options with defaults, lines on stdout, exit code 2 for a bad option.

import { parseArgs } from "node:util";
import { InvalidInputError } from "@steward/core";

export interface Generator<N extends string, T extends string> {
  readonly usage: string;
  /** Whole numbers above 0. */
  readonly numbers: Readonly<Record<N, number>>;
  readonly texts: Readonly<Record<T, string>>;
  /** The lines, each without its end. */
  readonly lines: (
    numbers: Readonly<Record<N, number>>,
    texts: Readonly<Record<T, string>>,
  ) => Iterable<string>;
}

/** Reads the command line and writes the lines. */
export function runGenerator<N extends string, T extends string>(generator: Generator<N, T>): void {
  try {
    const defaults: Readonly<Record<string, string | number>> = { ...generator.numbers, ...generator.texts };
    const given = readOptions(defaults);
    if (given.help === true) {
      console.log(generator.usage);
      return;
    }
    const textOf = (name: string): string => String(given[name]);
    const numbers = mapValues(generator.numbers, (name) => toWholeNumber(name, textOf(name)));
    for (const line of generator.lines(numbers, mapValues(generator.texts, textOf)))
      process.stdout.write(`${line}\n`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : "the events could not be made");
    process.exitCode = 2;
  }
}

function readOptions(
  defaults: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string | boolean | undefined>> {
  const options = Object.entries(defaults).map(
    ([name, value]) => [name, { type: "string", default: String(value) }] as const,
  );
  return parseArgs({ options: { ...Object.fromEntries(options), help: { type: "boolean", default: false } } })
    .values;
}

function toWholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidInputError(`--${name} must be a whole number above 0`);
  return value;
}

function mapValues<K extends string, V>(
  record: Readonly<Record<K, unknown>>,
  toValue: (name: K) => V,
): Readonly<Record<K, V>> {
  const names = Object.keys(record) as K[];
  return Object.fromEntries(names.map((name) => [name, toValue(name)])) as Record<K, V>;
}
