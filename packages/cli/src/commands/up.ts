// `steward up`: the platform on loopback, until it is told to end.

import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";

const definition: CommandDefinition<Record<never, never>> = {
  name: "up",
  summary: "run the platform on loopback until Ctrl-C",
  description:
    "Starts Redis and the Feature Store emulator, or adopts those of the state folder, works on the chunk queue, takes in the streams\n" +
    "and finishes erasures whose date has come.\n" +
    "Other commands need no `up`; while it runs they find the servers warm.",
  examples: [
    ["up", "in a terminal of its own"],
    ["up --state ./shop", "another state folder"],
  ],
  endsByInterrupt: true,
  async run(context) {
    const { services, startWorkers, startStreams, startHotWatch, startUpkeep } = await context.openPlatform();
    startWorkers();
    startStreams();
    startHotWatch();
    startUpkeep();
    const { redis, featureStore } = services;
    context.output.result(
      { up: true, stateDir: context.stateDir, redis, featureStore },
      () =>
        `Steward is up on ${context.stateDir}.\n  redis          ${redis.url}\n  feature store  ${featureStore.url}\nCtrl-C ends it; what is stored stays.`,
    );
    await context.interrupted;
    context.output.progress("ending in good order; Ctrl-C again ends at once");
    return EXIT.done;
  },
};

export const up = () => defineCommand(definition);
