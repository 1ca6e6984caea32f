// `steward put`: adds events to the stream of a group, and waits until they are in the online and the hot store.

import { setTimeout as sleep } from "node:timers/promises";
import type { EventCounts, FeatureGroup } from "@steward/core";
import type { Platform } from "@steward/local";
import { Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { readEventLines } from "../event-lines.ts";
import { EXIT } from "../exit-code.ts";
import { checkInputFiles } from "../input-files.ts";
import { groupArgument } from "../options.ts";
import { toCountOf, toCountText } from "../words.ts";

interface Input {
  readonly group: string;
  readonly file: readonly string[];
  readonly wait: boolean;
}

const POLL_MS = 50;
/** Longer than a store takes to be started again, and than two consumers take to change over. */
const STALL_MS = 20_000;

const definition: CommandDefinition<Input> = {
  name: "put",
  summary: "add events to the stream of a group",
  description:
    "Adds events to the stream of a group that one feeds, one JSON object of the source's columns a line, and waits until\n" +
    "they are in the online and the hot store. Those that break a rule are set aside and counted: `steward stream` lists them.\n" +
    "The same events again change nothing.",
  arguments: [groupArgument()],
  options: [
    new Option("--file <file...>", "files with one event a line; - reads stdin").makeOptionMandatory(),
    new Option("--no-wait", "return once the events are on the stream"),
  ],
  examples: [
    ["put customer-activity --file activity.jsonl", "then: steward get customer-activity 0000042"],
    ["put customer-activity --file - --no-wait", "from a pipe; `steward up` takes them in"],
  ],
  async run(context, { group: name, file: files, wait }) {
    const group = await context.group(name);
    const { requireStream } = await import("@steward/core");
    requireStream(group);
    const paths = [
      ...(await checkInputFiles(
        files.filter((file) => file !== "-"),
        "events, one a line",
      )),
    ];
    if (files.includes("-")) paths.push("-");
    const platform = await context.openPlatform();
    const before = await countsOf(platform, group);
    const events = await putFiles(context, platform, group, paths);
    if (!wait) {
      context.output.result(
        { group: group.name, events },
        () => `${toCountOf(events, "event")} put on the stream of ${group.name}.`,
      );
      return EXIT.done;
    }
    await takeIn(platform, group);
    const taken = difference(await countsOf(platform, group), before);
    context.output.result({ group: group.name, events, taken }, () => toText(group, events, taken));
    return EXIT.done;
  },
};

async function putFiles(
  context: Context,
  { ports }: Platform,
  group: FeatureGroup,
  paths: readonly string[],
): Promise<number> {
  const { putEvents } = await import("@steward/core");
  let events = 0;
  context.onInterrupt(() => `${toCountOf(events, "event")} are on the stream, \`steward up\` takes them in`);
  for (const path of paths) {
    for await (const { lines } of readEventLines(path)) {
      await putEvents(ports, group, lines);
      events += lines.length;
    }
  }
  return events;
}

/** Until nothing of the stream is left; by this process, unless another one is at it. @throws UnavailableError when nothing is taken in for a while. */
async function takeIn(platform: Platform, group: FeatureGroup): Promise<void> {
  const { describeStream, UnavailableError } = await import("@steward/core");
  platform.startStreams();
  let read = -1;
  let movedAtMs = performance.now();
  for (;;) {
    const { atTip, counts } = await describeStream(platform.ports, group);
    if (atTip) return;
    if (counts.read !== read) movedAtMs = performance.now();
    read = counts.read;
    if (performance.now() - movedAtMs > STALL_MS)
      throw new UnavailableError(
        `the events are on the stream of ${group.name}, and a store takes none of them in: \`steward up\` goes on once it does, log.jsonl in the state folder says why`,
      );
    await sleep(POLL_MS);
  }
}

async function countsOf({ ports }: Platform, group: FeatureGroup): Promise<EventCounts> {
  const { describeStream } = await import("@steward/core");
  return (await describeStream(ports, group)).counts;
}

function difference(after: EventCounts, before: EventCounts) {
  const { read, setAside, overall } = after;
  return {
    read: read - before.read,
    setAside: setAside - before.setAside,
    written: overall.written - before.overall.written,
    newerKept: overall.newerKept - before.overall.newerKept,
    suppressed: overall.suppressed - before.overall.suppressed,
    expired: overall.expired - before.overall.expired,
  };
}

function toText(group: FeatureGroup, events: number, taken: ReturnType<typeof difference>): string {
  const { written, newerKept, suppressed, expired, setAside } = taken;
  const outcomes = [
    `${toCountText(written)} written`,
    ...(newerKept === 0 ? [] : [`${toCountText(newerKept)} newer kept`]),
    ...(suppressed === 0 ? [] : [`${toCountText(suppressed)} suppressed`]),
    ...(expired === 0 ? [] : [`${toCountText(expired)} expired`]),
    `${toCountText(setAside)} set aside`,
  ];
  const more = setAside === 0 ? "" : `\n\`steward stream ${group.name}\` lists what was set aside.`;
  return `${toCountOf(events, "event")} put on the stream of ${group.name} and taken in: ${outcomes.join(", ")}.${more}`;
}

export const put = () => defineCommand(definition);
