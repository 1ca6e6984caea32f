// `steward replay`: reads the events again that the stream of a group still has.

import { Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { followRun, problemOf, toRunDocument, toRunText } from "../conclude-run.ts";
import { exitCodeOfRun } from "../exit-code.ts";
import { toInstant } from "../option-values.ts";
import { groupArgument } from "../options.ts";
import { Progress } from "../progress.ts";

interface Input {
  readonly group: string;
  readonly from: string;
}

const OLDEST = "oldest";

const definition: CommandDefinition<Input> = {
  name: "replay",
  summary: "read the stream of a group again, from an instant on",
  description:
    "Reads the events that arrived at or after an instant again, up to now, into the online, hot and offline store.\n" +
    "A newer record that a store holds is kept; a suppressed subject stays away. `steward up` goes on where it was.",
  arguments: [groupArgument()],
  options: [
    new Option(
      "--from <instant>",
      `events that arrived at or after this; ${OLDEST}: all that the stream has`,
    ).makeOptionMandatory(),
  ],
  examples: [
    ["replay customer-activity --from 2026-01-31T08:00:00Z", "after a store lost some"],
    ["replay customer-activity --from oldest", "all that is retained"],
  ],
  async run(context, { group: name, from }) {
    const fromMs = from === OLDEST ? undefined : await toInstant("--from", from);
    const group = await context.group(name);
    const { requireStream, startReplay } = await import("@steward/core");
    requireStream(group);
    const progress = new Progress(context.output);
    const platform = await context.openPlatform((execution, state) => progress.entered(execution, state));
    const started = await startReplay(platform.ports, { group: group.name, fromMs });
    const run = await followRun(context, platform, progress, started);
    context.output.result(await toRunDocument(run), () => toRunText(run));
    const problem = problemOf(run);
    if (problem !== undefined) context.output.error(problem, undefined, true);
    return exitCodeOfRun(run);
  },
};

export const replay = () => defineCommand(definition);
