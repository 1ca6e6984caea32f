// Walks through the four workflows by the commands that anybody can type, and checks that what it says is true of the stores.

import { rmSync } from "node:fs";
import { showErasure } from "./demo/erase.ts";
import { showRebuild } from "./demo/rebuild.ts";
import { showRefresh } from "./demo/refresh.ts";
import { DemoError, heading, say } from "./demo/say.ts";
import { showSilence } from "./demo/silence.ts";
import { bringUp, endAll, FEATURES, STATE, steward } from "./demo/steward.ts";

const INTERRUPTED = 130;
/** The sample ends the day before. */
const BEGIN = "1998-07-01T00:00:00Z";
const HANDED_IN_AGAIN = "1998-07-01T01:00:00Z";

let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    if (isInterrupted) return;
    isInterrupted = true;
    console.error("demo: ending what runs");
    void endAll().finally(() => process.exit(INTERRUPTED));
  });

try {
  await play();
  heading("Done");
  await endAll();
  say(
    `Nothing is left running. Look around yourself:  npx --no-install steward incidents --all --state ${STATE}`,
  );
} catch (error) {
  if (!isInterrupted) {
    console.error(`demo: ${error instanceof DemoError ? error.message : String(error)}`);
    await endAll();
    process.exitCode = 1;
  }
}

async function play(): Promise<void> {
  say("Steward keeps machine-learning features in three stores: fresh, rebuildable, forgettable.");
  say(`Everything lies in ${STATE}/, which this script empties first. The time is the platform's own.\n`);
  await steward(["down"]);
  rmSync(STATE, { recursive: true, force: true });
  say(`$ export STEWARD_STATE=${STATE} STEWARD_FEATURES=${FEATURES}`);
  await bringUp(["--clock", BEGIN]);
  const rows = await showRefresh();
  await showRebuild(rows);
  await showErasure(rows.length, HANDED_IN_AGAIN);
  await showSilence(HANDED_IN_AGAIN);
}
