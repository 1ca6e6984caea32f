// A process that replays the sample stream and kills itself when the machine enters a state.
// Arguments: state folder, state to die at.

import { startReplay } from "@steward/core";
import { customerActivity } from "@steward/features";
import { openPlatform } from "@steward/local";

const [stateDir = "", deadlyState = ""] = process.argv.slice(2);

const platform = await openPlatform({
  stateDir,
  groups: [customerActivity],
  onState: (_machine, _execution, state) => {
    if (state === deadlyState) process.kill(process.pid, "SIGKILL");
  },
});
const run = await startReplay(platform.ports, { group: "customer-activity", fromMs: undefined });
await platform.settled(run);
await platform.close();
