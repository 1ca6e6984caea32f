// `steward rebuild`: brings the online and the hot store of groups back from the offline store.

import type { RebuildPreview, RebuildRequest, Run, Target } from "@steward/core";
import { Argument, Option } from "commander";
import type { ApiClient } from "../api-client.ts";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { finishDueErasures } from "../conclude-erasure.ts";
import { followRun, problemOf, toRunDocument, toRunText } from "../conclude-run.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode, exitCodeOfRun } from "../exit-code.ts";
import { toInstant } from "../option-values.ts";
import { asOfOption } from "../options.ts";
import { Progress } from "../progress.ts";
import { toPreviewText } from "../rebuild-text.ts";
import { findPlatformUp, followRunThere } from "../run-there.ts";

interface Input {
  readonly groups: readonly string[];
  readonly target: Target | "both";
  readonly asOf?: string;
  readonly plan?: boolean;
}

const definition: CommandDefinition<Input> = {
  name: "rebuild",
  summary: "bring the hot and online store back from the offline store",
  description:
    "Writes the latest offline record of every identifier as of an instant to the online and the hot store, and compares\n" +
    "all of them afterwards. A newer record that a store holds is kept. The watermark stays where it is.\n" +
    "With --plan: how many records, how long and at what price; writes nothing. Several groups are rebuilt at once.",
  arguments: [new Argument("<groups...>", "names of feature groups")],
  options: [
    new Option("--target <store>", "what is written").choices(["hot", "online", "both"]).default("both"),
    asOfOption("records dated at or before this instant (now)"),
    new Option("--plan", "say what it would take, and do nothing"),
  ],
  examples: [
    ["rebuild customer-purchases --plan", "records, chunks, time and dollars"],
    ["rebuild customer-purchases", "after a store was lost"],
    ["rebuild customer-purchases product-views --target hot", "two groups, the hot store alone"],
  ],
  async run(context, { groups: names, target, asOf, plan }) {
    const asOfMs = await toInstant("--as-of", asOf);
    const groups = await Promise.all([...new Set(names)].map((name) => context.group(name)));
    const targets: readonly Target[] | undefined = target === "both" ? undefined : [target];
    const requests = groups.map((group): RebuildRequest => ({ group: group.name, asOfMs, targets }));
    return plan === true ? preview(context, requests) : rebuildAll(context, requests);
  },
};

async function preview(context: Context, requests: readonly RebuildRequest[]): Promise<ExitCode> {
  const { ports } = await context.openPlatform();
  const { previewRebuild } = await import("@steward/core");
  const previews: RebuildPreview[] = [];
  for (const request of requests) previews.push(await previewRebuild(ports, request));
  context.output.result(oneOrAll(previews, "plans"), () => previews.map(toPreviewText).join("\n"));
  return EXIT.done;
}

async function rebuildAll(context: Context, requests: readonly RebuildRequest[]): Promise<ExitCode> {
  const api = await findPlatformUp(
    context,
    requests.map(({ group }) => group),
  );
  return api === undefined ? rebuildHere(context, requests) : rebuildThere(context, api, requests);
}

async function rebuildHere(context: Context, requests: readonly RebuildRequest[]): Promise<ExitCode> {
  const progress = new Progress(context.output);
  const platform = await context.openPlatform((execution, state) => progress.entered(execution, state));
  const { checkRebuild, startRebuild } = await import("@steward/core");
  for (const request of requests) await checkRebuild(platform.ports, request); // all of them, or none is begun
  platform.startWorkers();
  const runs = await Promise.all(
    requests.map(async (request) =>
      followRun(context, platform, progress, await startRebuild(platform.ports, request)),
    ),
  );
  const code = await conclude(context, runs);
  await finishDueErasures(context, platform);
  return code;
}

/** By the platform that is up; of several groups all are checked before the first is begun. */
async function rebuildThere(
  context: Context,
  api: ApiClient,
  requests: readonly RebuildRequest[],
): Promise<ExitCode> {
  const { checkRebuild, toIso } = await import("@steward/core");
  if (requests.length > 1) {
    const { ports } = await context.openPlatform();
    for (const request of requests) await checkRebuild(ports, request);
  }
  const runs = await Promise.all(
    requests.map(async ({ group, asOfMs, targets }) => {
      const { runId } = await api.startRebuild({
        group,
        target: targets?.[0] ?? "both",
        ...(asOfMs === undefined ? {} : { asOf: toIso(asOfMs) }),
        ...(context.pace === undefined ? {} : { pace: context.pace }),
      });
      return followRunThere(context, api, { runId, name: group });
    }),
  );
  return conclude(context, runs);
}

async function conclude(context: Context, runs: readonly Run[]): Promise<ExitCode> {
  const documents = await Promise.all(runs.map(toRunDocument));
  context.output.result(oneOrAll(documents, "runs"), () => runs.map(toRunText).join("\n"));
  for (const problem of runs.flatMap((run) => problemOf(run) ?? []))
    context.output.error(problem, undefined, true);
  return worstOf(runs);
}

/** The document itself where one group was named; else all under a name. */
function oneOrAll(documents: readonly unknown[], name: string): unknown {
  return documents.length === 1 ? documents[0] : { [name]: documents };
}

function worstOf(runs: readonly Run[]): ExitCode {
  return runs.map(exitCodeOfRun).find((code) => code !== EXIT.done) ?? EXIT.done;
}

export const rebuild = () => defineCommand(definition);
