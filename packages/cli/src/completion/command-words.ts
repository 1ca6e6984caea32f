// Decides what a shell may complete: read off the commands themselves, so that no word is listed twice.

import type { Argument, Command, Option } from "commander";

export interface OptionWords {
  readonly name: string;
  readonly description: string;
  readonly value: "none" | "text" | "file" | "folder" | readonly string[];
}

export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  /** What its first argument may be: names of groups, or fixed words. */
  readonly argument: "none" | "group" | readonly string[];
}

/** The commands of a program; the options that all share are among those of each. */
export function toCommandWords(program: Command): readonly CommandWords[] {
  const common = program.options.filter(({ long }) => long !== "--version").map(toOptionWords);
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    options: [
      ...[command, ...command.commands].flatMap(({ options }) => options.map(toOptionWords)),
      ...common,
    ],
    argument:
      command.commands.length > 0
        ? command.commands.map((inner) => inner.name())
        : toArgumentWords(command.registeredArguments[0]),
  }));
}

function toOptionWords(option: Option): OptionWords {
  return { name: option.long ?? option.flags, description: option.description, value: toValueWords(option) };
}

function toValueWords(option: Option): OptionWords["value"] {
  if (option.isBoolean() || option.negate) return "none";
  if (option.argChoices !== undefined) return option.argChoices;
  if (option.flags.includes("<dir>")) return "folder";
  return option.flags.includes("<file") ? "file" : "text";
}

function toArgumentWords(argument: Argument | undefined): CommandWords["argument"] {
  if (argument?.argChoices !== undefined) return argument.argChoices;
  return argument?.name() === "group" ? "group" : "none";
}

/** The options that every command has. */
export function sharedOptions(commands: readonly CommandWords[]): readonly OptionWords[] {
  return (commands[0]?.options ?? []).filter(({ name }) =>
    commands.every(({ options }) => options.some((option) => option.name === name)),
  );
}

/** The options of all commands, each once; one that takes words takes those of any command. */
export function allOptions(commands: readonly CommandWords[]): readonly OptionWords[] {
  const byName = Map.groupBy(
    commands.flatMap(({ options }) => options),
    ({ name }) => name,
  );
  return [...byName.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined || typeof first.value === "string") return first ?? [];
    const words = same.flatMap(({ value }) => (typeof value === "string" ? [] : value));
    return { ...first, value: [...new Set(words)] };
  });
}
