// A process that refreshes and kills itself, and Redis with it where it is told to, when the machine enters a state.
// Arguments: state folder, as-of, input file, state to die at, "redis" or "alone", how often that state is entered first.

import { startRefresh } from "@steward/core";
import { at, openTestPlatform } from "./platform.ts";

const [stateDir = "", asOf = "", input = "", deadlyState = "", withRedis = "", pauseMs = "0"] =
  process.argv.slice(2);

const platform = await openTestPlatform(stateDir, {
  settings: { chunkRecords: 256 },
  onState: (_machine, _execution, state) => {
    if (state !== deadlyState) return;
    const die = (): void => {
      if (withRedis === "redis" && platform.services.redis.pid !== undefined)
        process.kill(platform.services.redis.pid, "SIGKILL");
      process.kill(process.pid, "SIGKILL");
    };
    if (pauseMs === "0") die();
    else setTimeout(die, Number(pauseMs));
  },
});
const run = await startRefresh(platform.ports, {
  group: "customer-purchases",
  asOfMs: at(asOf),
  inputs: [input],
});
console.log(run.runId);
await platform.settled(run);
await platform.close();
