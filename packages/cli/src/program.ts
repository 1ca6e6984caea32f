// Decides which commands there are, and in which order help lists them.

import { Command } from "commander";
import { withHouseRules } from "./command.ts";
import { cancel } from "./commands/cancel.ts";
import { certificate } from "./commands/certificate.ts";
import { completion } from "./commands/completion.ts";
import { doctor } from "./commands/doctor.ts";
import { down } from "./commands/down.ts";
import { erase } from "./commands/erase.ts";
import { erasure } from "./commands/erasure.ts";
import { erasures } from "./commands/erasures.ts";
import { exportGroup } from "./commands/export.ts";
import { freshness } from "./commands/freshness.ts";
import { get } from "./commands/get.ts";
import { groups } from "./commands/groups.ts";
import { incidents } from "./commands/incidents.ts";
import { put } from "./commands/put.ts";
import { rebuild } from "./commands/rebuild.ts";
import { redrive } from "./commands/redrive.ts";
import { refresh } from "./commands/refresh.ts";
import { replay } from "./commands/replay.ts";
import { resume } from "./commands/resume.ts";
import { run } from "./commands/run.ts";
import { runs } from "./commands/runs.ts";
import { setAside } from "./commands/set-aside.ts";
import { status } from "./commands/status.ts";
import { stream } from "./commands/stream.ts";
import { up } from "./commands/up.ts";
import { version } from "./commands/version.ts";
import { wipe } from "./commands/wipe.ts";
import { commonOptions } from "./options.ts";
import { stewardVersion } from "./steward-version.ts";

export function createProgram(): Command {
  const program = withHouseRules(new Command("steward"))
    .description("Keeps a machine-learning feature store fresh, rebuildable and forgettable.")
    .usage("<command> [options]")
    .version(stewardVersion(), "--version", "print the version")
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 failed, 2 wrong usage or input, 3 not found, 130 interrupted.\n" +
        "Begin with: steward doctor, steward groups, steward refresh --help.",
    );
  for (const option of commonOptions()) program.addOption(option);
  for (const command of [
    up(),
    down(),
    status(),
    doctor(),
    groups(),
    refresh(),
    put(),
    stream(),
    replay(),
    rebuild(),
    erase(),
    erasure(),
    erasures(),
    freshness(),
    incidents(),
    runs(),
    run(),
    resume(),
    cancel(),
    redrive(),
    setAside(),
    get(),
    exportGroup(),
    certificate(),
    wipe(),
    completion(),
    version(),
  ]) {
    program.addCommand(command);
  }
  return program;
}
