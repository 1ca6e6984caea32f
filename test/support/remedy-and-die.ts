// A process that empties the hot store, raises an alarm for it, and kills itself when the remediation enters a state.
// Arguments: state folder, group, state to die at, how long it lives on from there.

import { customerLoyalty } from "@steward/features";
import { setAlarms, theIncident } from "./incidents.ts";
import { openTestPlatform } from "./platform.ts";

const [stateDir = "", group = "", deadlyState = "", pauseMs = "0"] = process.argv.slice(2);

const platform = await openTestPlatform(stateDir, {
  groups: [customerLoyalty],
  onState: (machine, _execution, state) => {
    if (machine !== "remediation" || state !== deadlyState) return;
    const die = (): void => void process.kill(process.pid, "SIGKILL");
    if (pauseMs === "0") die();
    else setTimeout(die, Number(pauseMs));
  },
});
await platform.wipe("hot");
const alarm = { name: `difference-${group}-hot`, group };
await setAlarms(platform, "alarm", [alarm]);
const { incidentId } = await theIncident(platform);
console.log(incidentId);
await new Promise((resolve) => setTimeout(resolve, 30_000)); // it dies before
