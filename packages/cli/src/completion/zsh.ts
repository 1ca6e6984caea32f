// Decides the completion script of zsh.

import { allOptions, type CommandWords, type OptionWords, sharedOptions } from "./command-words.ts";

export function toZshScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name);
  const shared = sharedOptions(commands)
    .map(({ name }) => name)
    .join(" ");
  const groupCommands = commands.filter(({ argument }) => argument === "group").map(({ name }) => name);
  const wordCommands = commands.flatMap(({ name, argument }) =>
    typeof argument === "string" ? [] : [`    (${name}) compadd -- ${argument.join(" ")} ;;`],
  );
  return `#compdef steward
# steward completion for zsh: eval "$(steward completion zsh)"
_steward() {
  local command="" word
  for word in \${words[2,CURRENT-1]}; do
    case $word in (${names.join("|")}) command=$word; break ;; esac
  done
  case \${words[CURRENT-1]} in
${allOptions(commands).flatMap(toValueCase).join("\n")}
  esac
  if [[ $PREFIX == -* ]]; then
    case $command in
${commands.map(({ name, options }) => `      (${name}) compadd -- ${options.map((option) => option.name).join(" ")} --help ;;`).join("\n")}
      (*) compadd -- ${shared} --help --version ;;
    esac
    return
  fi
  case $command in
    ('')
      local -a commands=(
${commands.map(({ name, summary }) => `        '${name}:${summary.replaceAll("'", "’")}'`).join("\n")}
      )
      _describe command commands ;;
    (${groupCommands.join("|")}) compadd -- \${(f)"$(\${words[1]} groups --names 2>/dev/null)"} ;;
${wordCommands.join("\n")}
  esac
}
compdef _steward steward`;
}

function toValueCase({ name, value }: OptionWords): readonly string[] {
  if (value === "none") return [];
  const reply = { text: "_message value", file: "_files", folder: "_files -/" };
  return [
    `    (${name}) ${typeof value === "string" ? reply[value] : `compadd -- ${value.join(" ")}`}; return ;;`,
  ];
}
