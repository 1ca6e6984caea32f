// Decides the completion script of bash.

import { allOptions, type CommandWords, type OptionWords, sharedOptions } from "./command-words.ts";

export function toBashScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name);
  const shared = sharedOptions(commands)
    .map(({ name }) => name)
    .join(" ");
  const groupCommands = commands.filter(({ argument }) => argument === "group").map(({ name }) => name);
  const wordCommands = commands.flatMap(({ name, argument }) =>
    typeof argument === "string" ? [] : [`    ${name}) words="${argument.join(" ")}" ;;`],
  );
  return `# steward completion for bash: eval "$(steward completion bash)"
_steward() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in ${names.join("|")}) command="$word"; break ;; esac
  done
  case "$prev" in
${allOptions(commands).flatMap(toValueCase).join("\n")}
  esac
  if [[ "$cur" == -* ]]; then
    case "$command" in
${commands.map(({ name, options }) => `      ${name}) words="${options.map((option) => option.name).join(" ")} --help" ;;`).join("\n")}
      *) words="${shared} --help --version" ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case "$command" in
    "") words="${names.join(" ")}" ;;
    ${groupCommands.join("|")}) words="$("\${COMP_WORDS[0]}" groups --names 2>/dev/null)" ;;
${wordCommands.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _steward steward`;
}

function toValueCase({ name, value }: OptionWords): readonly string[] {
  if (value === "none") return [];
  const reply = {
    text: "COMPREPLY=()",
    file: 'COMPREPLY=($(compgen -f -- "$cur"))',
    folder: 'COMPREPLY=($(compgen -d -- "$cur"))',
  };
  const words =
    typeof value === "string" ? reply[value] : `COMPREPLY=($(compgen -W "${value.join(" ")}" -- "$cur"))`;
  return [`    ${name}) ${words}; return ;;`];
}
