// `steward refresh`: appends files to the event table and brings a group's three stores to an as-of.

import type { RefreshRequest, Run } from "@steward/core";
import { Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { finishDueErasures } from "../conclude-erasure.ts";
import { followRun, problemOf, toRunDocument, toRunText } from "../conclude-run.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodeOfRun } from "../exit-code.ts";
import { checkInputFiles } from "../input-files.ts";
import { toInstant } from "../option-values.ts";
import { asOfOption, groupArgument } from "../options.ts";
import { UsageError } from "../plain-error.ts";
import { Progress } from "../progress.ts";
import { findPlatformUp, followRunThere, isCarried } from "../run-there.ts";

interface Input {
  readonly group: string;
  readonly input?: readonly string[];
  readonly asOf?: string;
  readonly engine: "duckdb" | "spark";
}

const definition: CommandDefinition<Input> = {
  name: "refresh",
  summary: "compute a group's features and write them to the three stores",
  description:
    "Computes the features of a group as of an instant and writes them to the offline, online and hot store.\n" +
    "With --input the files enter the event table first, all of them or none; without, the events there are used.\n" +
    "The same as-of, definition and events again: unchanged. A correction takes a later as-of.",
  arguments: [groupArgument()],
  options: [
    new Option("--input <file...>", "CSV files with new events; the shell expands patterns"),
    asOfOption("events before this instant count (now)"),
    new Option("--engine <engine>", "what computes the features")
      .choices(["duckdb", "spark"])
      .default("duckdb"),
  ],
  examples: [
    ["refresh customer-purchases --input purchases.csv", "new events, as of now"],
    ["refresh customer-purchases --as-of 1997-10-01", "the events that are there"],
    ["refresh customer-purchases --input 2026-*.csv --json", "the report as JSON"],
  ],
  async run(context, { group: name, input = [], asOf, engine }) {
    if (engine === "spark")
      throw new UsageError(
        "--engine spark is not available here: leave it out, DuckDB gives the same values",
      );
    const asOfMs = await toInstant("--as-of", asOf);
    const group = await context.group(name);
    const inputs = await checkInputFiles(input);
    const request = { group: group.name, asOfMs, inputs };
    const there = await refreshThere(context, request);
    if (there !== undefined) return conclude(context, there);
    const progress = new Progress(context.output);
    const platform = await context.openPlatform((execution, state) => progress.entered(execution, state));
    const { startRefresh } = await import("@steward/core");
    platform.startWorkers();
    const run = await followRun(context, platform, progress, await startRefresh(platform.ports, request));
    const code = await conclude(context, run);
    await finishDueErasures(context, platform);
    return code;
  },
};

/** By the platform that is up; undefined where none takes it. */
async function refreshThere(context: Context, request: RefreshRequest): Promise<Run | undefined> {
  const { group, asOfMs, inputs } = request;
  const api = await findPlatformUp(context, [group]);
  if (api === undefined) return undefined;
  const { toIso } = await import("@steward/core");
  const { refreshBody } = await import("@steward/functions/_runtime/api-schemas.ts");
  const body = {
    group,
    inputs: [...inputs],
    ...(asOfMs === undefined ? {} : { asOf: toIso(asOfMs) }),
    ...(context.pace === undefined ? {} : { pace: context.pace }),
  };
  if (!isCarried(refreshBody, body)) return undefined;
  const { runId } = await api.startRefresh(body);
  return followRunThere(context, api, { runId, name: group });
}

async function conclude(context: Context, run: Run): Promise<ExitCode> {
  context.output.result(await toRunDocument(run), () => toRunText(run));
  const problem = problemOf(run);
  if (problem !== undefined) context.output.error(problem, undefined, true);
  return exitCodeOfRun(run);
}

export const refresh = () => defineCommand(definition);
