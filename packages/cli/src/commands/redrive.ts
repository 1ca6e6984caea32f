// `steward redrive`: tries again what could not be written.

import { type CommandDefinition, defineCommand } from "../command.ts";
import { followRun, problemOf, toRunDocument, toRunText } from "../conclude-run.ts";
import { EXIT } from "../exit-code.ts";
import { Progress } from "../progress.ts";
import { toCountOf } from "../words.ts";

const definition: CommandDefinition<Record<never, never>> = {
  name: "redrive",
  summary: "write the chunks again that failed, and finish their runs",
  description:
    "Sends the dead letters back to the chunk queue and continues the runs that failed by their writes.",
  examples: [["redrive", "after Redis or Feature Store is back"]],
  async run(context) {
    const progress = new Progress(context.output);
    const platform = await context.openPlatform((execution, state) => progress.entered(execution, state));
    const { redriveChunks } = await import("@steward/core");
    platform.startWorkers();
    const { letters, runs: reopened } = await redriveChunks(platform.ports);
    const runs = await Promise.all(reopened.map((run) => followRun(context, platform, progress, run)));
    const documents = await Promise.all(runs.map(toRunDocument));
    context.output.result({ letters, runs: documents }, () =>
      [
        `${toCountOf(letters, "dead letter")} went back to the queue; ${toCountOf(runs.length, "run")} went on.`,
        ...runs.map(toRunText),
      ].join("\n"),
    );
    const problems = runs.flatMap((run) => problemOf(run) ?? []);
    for (const problem of problems) context.output.error(problem, undefined, true);
    return problems.length === 0 ? EXIT.done : EXIT.failed;
  },
};

export const redrive = () => defineCommand(definition);
