// A process that rebuilds and kills itself, and Redis with it where it is told to, when the machine enters a state.
// Arguments: state folder, group, state to die at, "redis" or "alone", how long after entering it.

import { startRebuild } from "@steward/core";
import { openTestPlatform } from "./platform.ts";

const [stateDir = "", group = "", deadlyState = "", withRedis = "", pauseMs = "0"] = process.argv.slice(2);

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
await platform.settled(await startRebuild(platform.ports, { group, asOfMs: undefined }));
await platform.close();
