// `steward down`: stops the servers of the state folder.

import { Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";

interface Input {
  readonly force?: boolean;
}

const definition: CommandDefinition<Input> = {
  name: "down",
  summary: "stop the servers of the state folder",
  description:
    "Stops Redis and the Feature Store emulator where they run; what is stored stays. Refuses while a command uses them.",
  options: [new Option("--force", "stop them under a command that uses them; its run can be resumed")],
  examples: [["down", "after `steward up` was killed"]],
  async run(context, { force }) {
    let stopped: readonly string[] = [];
    if (context.hasState) {
      const { stopServices } = await import("@steward/local");
      stopped = await stopServices(context.stateDir, force === true);
    }
    context.output.result({ stopped }, () =>
      stopped.length === 0 ? "Nothing was running." : `Stopped: ${stopped.join(", ")}.`,
    );
    return EXIT.done;
  },
};

export const down = () => defineCommand(definition);
