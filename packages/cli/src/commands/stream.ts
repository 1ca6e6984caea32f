// `steward stream`: how far the stream of a group is taken in, and which events could not be.

import type { SetAsideEvent, StreamDescription } from "@steward/core";
import { Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { toCount } from "../option-values.ts";
import { groupArgument } from "../options.ts";
import { toTable } from "../table.ts";
import { toCountOf, toCountText } from "../words.ts";

interface Input {
  readonly group: string;
  readonly limit: number;
}

const definition: CommandDefinition<Input> = {
  name: "stream",
  summary: "show how far the stream of a group is taken in",
  description:
    "Shows how far each shard of a group's stream is taken in, what became of the events, and which broke a rule:\n" +
    "their place in the stream, column and rule, never their values.",
  arguments: [groupArgument()],
  options: [
    new Option("--limit <events>", "list at most so many set-aside events").argParser(toCount).default(100),
  ],
  examples: [["stream customer-activity", "shards, counts, set-aside events"]],
  async run(context, { group: name, limit }) {
    const group = await context.group(name);
    const { describeStream, listSetAsideEvents, requireStream } = await import("@steward/core");
    requireStream(group);
    const { ports } = await context.openPlatform();
    const description = await describeStream(ports, group);
    const setAside = await listSetAsideEvents(ports.ledger, group.name, limit);
    const events = setAside.map(({ column, ...event }) => ({ ...event, column: column ?? null }));
    context.output.result({ ...description, setAside: events }, () => toText(description, setAside));
    return EXIT.done;
  },
};

function toText(stream: StreamDescription, setAside: readonly SetAsideEvent[]): string {
  const { group, source, counts, shards, retainedFrom } = stream;
  const { written, newerKept, suppressed, expired } = counts.overall;
  const lines = [
    `${group} takes in the stream of ${source}, which keeps what arrived since ${retainedFrom}.`,
    `${toCountOf(counts.read, "event")} taken in: ${toCountText(written)} written, ${toCountText(newerKept)} newer kept, ` +
      `${toCountText(suppressed)} suppressed, ${toCountText(expired)} expired, ${toCountText(counts.setAside)} set aside.`,
    toTable(
      ["SHARD", "TAKEN IN UNTIL", "POSITION", "LEFT"],
      shards.map(({ shard, seenUntil, position, atTip }) => [
        shard,
        seenUntil ?? "-",
        position ?? "-",
        atTip ? "nothing" : "more",
      ]),
    ),
  ];
  for (const { shard, gap } of shards) {
    if (gap !== null)
      lines.push(
        `${shard}: what arrived from ${gap.from} to ${gap.to} was older than the stream keeps before it was read.`,
      );
  }
  if (setAside.length > 0)
    lines.push(
      toTable(
        ["SHARD", "POSITION", "COLUMN", "RULE"],
        setAside.map(({ shard, position, column, rule }) => [shard, position, column ?? "-", rule]),
      ),
    );
  return lines.join("\n");
}

export const stream = () => defineCommand(definition);
