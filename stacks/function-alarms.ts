// Decides which alarms there are on Lambda functions. Those that a workflow calls are its own affair: it retries them, and
// fails aloud.

import { CONCERNS, STREAM_CONSUMER, UPKEEP } from "@steward/workflows/inventory.ts";
import type { AlarmSpec } from "./alarm-spec.ts";
import { ABOVE, FIVE_MINUTES, ofAws, QUIET, threeInARow, threeOfFive } from "./alarm-words.ts";
import type { Watched } from "./watched.ts";

const STANDING = [...CONCERNS.map((concern) => UPKEEP[concern]), STREAM_CONSUMER].map(
  ({ file, everyMinutes }) => ({ file, everyMinutes }),
);

export function functionAlarms({ functions = {} }: Watched): readonly AlarmSpec[] {
  const standing = STANDING.flatMap(({ file, everyMinutes }): readonly AlarmSpec[] => {
    const FunctionName = functions[`upkeep/${file}`];
    if (FunctionName === undefined) return [];
    const figure = (metric: string) => ofAws("Lambda", metric, { FunctionName }, "Sum");
    return [
      {
        ...{ ...ABOVE, ...QUIET, ...threeOfFive },
        periodSeconds: everyMinutes * 60,
        name: `function-errors-${file}`,
        text: `${file} fails again and again: what it looks after is left alone`,
        runbook: `docs/runbooks/upkeep.md#${file}`,
        tier: "page",
        metric: figure("Errors"),
        threshold: 0,
      },
      {
        // Silence is what is wrong here.
        comparison: "LessThanThreshold",
        treatMissingData: "breaching",
        ...threeInARow,
        periodSeconds: Math.max(300, everyMinutes * 120),
        name: `stands-still-${file}`,
        text: `${file} is not called any more: its schedule is off, or cannot call it`,
        runbook: `docs/runbooks/upkeep.md#${file}`,
        tier: "page",
        metric: figure("Invocations"),
        threshold: 1,
      },
    ];
  });
  return [...standing, ...workerAlarms(functions)];
}

function workerAlarms(functions: NonNullable<Watched["functions"]>): readonly AlarmSpec[] {
  const FunctionName = functions["writing/write-chunks"];
  const throttles: AlarmSpec = {
    // Concurrency is the account's, and so is what takes it: without dimensions.
    ...{ ...ABOVE, ...FIVE_MINUTES, ...threeInARow, ...QUIET },
    name: "function-throttles",
    text: "Lambda turns calls of this account away: its concurrency is used up",
    runbook: "docs/runbooks/upkeep.md#calls-are-turned-away",
    tier: "page",
    metric: ofAws("Lambda", "Throttles", {}, "Sum"),
    threshold: 10,
  };
  if (FunctionName === undefined) return Object.keys(functions).length === 0 ? [] : [throttles];
  return [
    throttles,
    {
      ...{ ...ABOVE, ...FIVE_MINUTES, ...threeInARow, ...QUIET },
      name: "function-errors-write-chunks",
      text: "calls of the chunk worker fail: its chunks come again, and are given up after all their tries",
      runbook: "docs/runbooks/queue.md#the-worker-fails",
      tier: "notice",
      metric: ofAws("Lambda", "Errors", { FunctionName }, "Sum"),
      threshold: 0,
    },
  ];
}
