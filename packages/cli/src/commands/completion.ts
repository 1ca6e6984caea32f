// `steward completion`: a script that makes a shell complete commands, options and group names.

import { Argument } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

interface Input {
  readonly shell: (typeof SHELLS)[number];
}

const definition: CommandDefinition<Input> = {
  name: "completion",
  summary: "print a completion script for a shell",
  arguments: [new Argument("<shell>", "which shell").choices(SHELLS)],
  examples: [
    ["completion bash >> ~/.bashrc", "from the next shell on"],
    ["completion fish | source", "in this one"],
  ],
  async run(context, { shell }, command) {
    const { toCommandWords } = await import("../completion/command-words.ts");
    const words = toCommandWords(command.parent ?? command);
    context.output.line(await toScript(shell, words));
    return EXIT.done;
  },
};

async function toScript(
  shell: Input["shell"],
  words: Parameters<typeof import("../completion/bash.ts").toBashScript>[0],
) {
  switch (shell) {
    case "bash":
      return (await import("../completion/bash.ts")).toBashScript(words);
    case "zsh":
      return (await import("../completion/zsh.ts")).toZshScript(words);
    case "fish":
      return (await import("../completion/fish.ts")).toFishScript(words);
  }
}

export const completion = () => defineCommand(definition);
