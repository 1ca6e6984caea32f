// A process that erases and kills itself when the machine enters a state. Arguments: state folder, subject, state to die at,
// how long after entering it.

import { acceptErasure } from "@steward/core";
import { openTestPlatform } from "./platform.ts";

const [stateDir = "", identifier = "", deadlyState = "", pauseMs = "0"] = process.argv.slice(2);

const platform = await openTestPlatform(stateDir, {
  settings: { workerLifeMs: 3_000, setAsideThreshold: 1 },
  onState: (_machine, _execution, state) => {
    if (state !== deadlyState) return;
    const die = (): void => void process.kill(process.pid, "SIGKILL");
    if (pauseMs === "0") die();
    else setTimeout(die, Number(pauseMs));
  },
});
const { run } = await acceptErasure(platform.ports, { entity: "customer", identifiers: [identifier] });
await platform.settled(run);
await platform.close();
