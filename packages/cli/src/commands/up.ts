// `steward up`: the platform on loopback, until it is told to end.

import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";

const definition: CommandDefinition<Record<never, never>> = {
  name: "up",
  summary: "run the platform on loopback until Ctrl-C",
  description:
    "Starts Redis and the Feature Store emulator, or adopts those of the state folder, works on the chunk queue, takes in the streams,\n" +
    "refreshes each group by its schedule with the files that lie in its source's folder, and finishes erasures whose date\n" +
    "has come, and answers HTTP with a token (see the guide). A schedule that was missed while no `up` ran is made up for, each time of it once.\n" +
    "Other commands need no `up`; while it runs they find the servers warm.",
  examples: [
    ["up", "in a terminal of its own"],
    ["up --state ./shop", "another state folder"],
  ],
  endsByInterrupt: true,
  async run(context) {
    const { folder, services, startWorkers, startStreams, startHotWatch, startUpkeep, startApi } =
      await context.openPlatform();
    const { ensureDropFolders } = await import("@steward/local");
    const incoming = ensureDropFolders(folder, await context.groups());
    startWorkers();
    startStreams();
    startHotWatch();
    startUpkeep();
    const api = { url: await startApi(), token: folder.apiToken };
    const { redis, featureStore } = services;
    context.output.result({ up: true, stateDir: context.stateDir, redis, featureStore, api, incoming }, () =>
      [
        `Steward is up on ${context.stateDir}.`,
        `  redis          ${redis.url}`,
        `  feature store  ${featureStore.url}`,
        `  api            ${api.url} (token in ${api.token})`,
        `  drop files     ${folder.incoming}/SOURCE/*.csv (${incoming.map(({ source }) => source).join(", ")})`,
        "Ctrl-C ends it; what is stored stays.",
      ].join("\n"),
    );
    await context.interrupted;
    context.output.progress("ending in good order; Ctrl-C again ends at once");
    return EXIT.done;
  },
};

export const up = () => defineCommand(definition);
