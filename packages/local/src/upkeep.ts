// Decides what a platform that is left running looks after by itself: one watch a concern, all begun and ended together.

import type { ControlPorts } from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { startFinishWatch } from "./finish-watch.ts";
import { startAlarmWatch, startFreshnessWatch } from "./freshness-watch.ts";
import { startScheduleWatch } from "./schedule-watch.ts";
import type { Watch } from "./watch.ts";

export function startUpkeep(ports: ControlPorts, log: Scope["log"]): readonly Watch[] {
  return [
    startFinishWatch(ports, log),
    startScheduleWatch(ports, log),
    startFreshnessWatch(ports, log),
    startAlarmWatch(ports, log),
  ];
}
