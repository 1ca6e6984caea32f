// `steward cancel`: ends a run; nothing it still tries can be read.

import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { runArgument } from "../options.ts";
import { toReportText } from "../report-text.ts";

interface Input {
  readonly run: string;
}

const definition: CommandDefinition<Input> = {
  name: "cancel",
  summary: "end a run that is at work, or was interrupted",
  description:
    "Ends a running or interrupted run, whichever process holds it. `steward resume` takes it up again.",
  arguments: [runArgument()],
  examples: [["cancel 20261124t203301-7f3k2m9x", "sets its group free"]],
  async run(context, { run: runId }) {
    const { ports } = await context.openPlatform();
    const { cancelRun } = await import("@steward/core");
    const report = await cancelRun(ports, runId);
    context.output.result(report, () => toReportText(report));
    return EXIT.done;
  },
};

export const cancel = () => defineCommand(definition);
