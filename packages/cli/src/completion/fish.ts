// Decides the completion script of fish.

import { type CommandWords, type OptionWords, sharedOptions } from "./command-words.ts";

export function toFishScript(commands: readonly CommandWords[]): string {
  const shared = sharedOptions(commands);
  const sharedNames = new Set(shared.map(({ name }) => name));
  return [
    "# steward completion for fish: steward completion fish | source",
    "complete -c steward -f",
    ...shared.map((option) => `complete -c steward ${toOptionFlags(option)}`),
    ...commands.flatMap((command) =>
      toCommandLines({
        ...command,
        options: command.options.filter((option) => !sharedNames.has(option.name)),
      }),
    ),
  ].join("\n");
}

function toCommandLines({ name, summary, options, argument }: CommandWords): readonly string[] {
  const within = `complete -c steward -n '__fish_seen_subcommand_from ${name}'`;
  const words = { none: undefined, group: "(steward groups --names 2>/dev/null)" };
  const argumentWords = typeof argument === "string" ? words[argument] : argument.join(" ");
  return [
    `complete -c steward -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
    ...(argumentWords === undefined ? [] : [`${within} -a ${quote(argumentWords)}`]),
    ...options.map((option) => `${within} ${toOptionFlags(option)}`),
  ];
}

function toOptionFlags({ name, description, value }: OptionWords): string {
  const flags = { none: "", text: " -x", file: " -r -F", folder: " -x -a '(__fish_complete_directories)'" };
  const taken = typeof value === "string" ? flags[value] : ` -x -a '${value.join(" ")}'`;
  return `-l ${name.replace(/^--/, "")}${taken} -d ${quote(description)}`;
}

const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
