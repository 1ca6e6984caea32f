// `steward doctor`: what is missing on this machine, and how to get it.

import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";

const definition: CommandDefinition<Record<never, never>> = {
  name: "doctor",
  summary: "check this machine and say how to get what is missing",
  description: "Checks what a local platform needs. Exit 0: all is there; 1: something is missing.",
  examples: [["doctor", "before the first refresh"]],
  async run(context) {
    const { checkMachine } = await import("@steward/local");
    const checks = await checkMachine();
    const ok = checks.every((check) => check.ok);
    context.output.result({ ok, checks }, () =>
      checks
        .map(({ name, ok: isThere, detail, remedy }) =>
          [
            `${isThere ? "ok     " : "missing"}  ${name}: ${detail}`,
            ...(remedy === undefined ? [] : [`         ${remedy}`]),
          ].join("\n"),
        )
        .join("\n"),
    );
    return ok ? EXIT.done : EXIT.failed;
  },
};

export const doctor = () => defineCommand(definition);
