// `steward resume`: continues a run that was interrupted, takes up again one that failed or was cancelled.

import { type CommandDefinition, defineCommand } from "../command.ts";
import { concludeErasure } from "../conclude-erasure.ts";
import { followRun, problemOf, toRunDocument, toRunText } from "../conclude-run.ts";
import { exitCodeOfRun } from "../exit-code.ts";
import { runArgument } from "../options.ts";
import { Progress } from "../progress.ts";

interface Input {
  readonly run: string;
}

const definition: CommandDefinition<Input> = {
  name: "resume",
  summary: "continue a run that was interrupted, failed or cancelled",
  description:
    "Continues an interrupted run in the state that it stood in; a failed or cancelled run begins anew, with files of its own.",
  arguments: [runArgument()],
  examples: [["resume 20261124t203301-7f3k2m9x", "after a crash or Ctrl-C"]],
  async run(context, { run: runId }) {
    const progress = new Progress(context.output);
    const platform = await context.openPlatform((execution, state) => progress.entered(execution, state));
    const { resumeRun } = await import("@steward/core");
    platform.startWorkers();
    const { unitsPerSecond } = platform.ports.settings;
    const resumed = await resumeRun(platform.ports, runId, unitsPerSecond);
    const run = await followRun(context, platform, progress, resumed);
    const { ERASURE } = await import("@steward/core");
    if (run.workflow === ERASURE) return concludeErasure(context, run);
    context.output.result(await toRunDocument(run), () => toRunText(run));
    const problem = problemOf(run);
    if (problem !== undefined) context.output.error(problem, undefined, true);
    return exitCodeOfRun(run);
  },
};

export const resume = () => defineCommand(definition);
