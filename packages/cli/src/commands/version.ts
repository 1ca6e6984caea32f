// `steward version`: which Steward, on which Node.

import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { stewardVersion } from "../steward-version.ts";

const definition: CommandDefinition<Record<never, never>> = {
  name: "version",
  summary: "print the version",
  examples: [["version --json", "for scripts"]],
  async run(context) {
    const steward = stewardVersion();
    const { node } = process.versions;
    context.output.result({ steward, node }, () => `steward ${steward} (Node ${node})`);
    return EXIT.done;
  },
};

export const version = () => defineCommand(definition);
