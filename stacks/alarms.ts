// Decides which alarms a stage has: core's, the same that a laptop evaluates in process, and those on what AWS runs.

import { alarmsOf } from "@steward/core";
import * as features from "@steward/features";
import { type AlarmSpec, createAlarm, fromCore } from "./alarm-spec.ts";
import type { Pages } from "./pages.ts";
import { serviceAlarms } from "./service-alarms.ts";
import type { AlarmSettings, Watched } from "./watched.ts";

export function createAlarms(settings: AlarmSettings, pages: Pages, watched: Watched) {
  const checkPeriodMs = settings.checkPeriodMinutes * 60_000;
  const ofCore = alarmsOf(Object.values(features), { checkPeriodMs }).map(fromCore);
  const specs: readonly AlarmSpec[] = [...ofCore, ...serviceAlarms(watched, settings)];
  const alarms = specs.map((spec) => ({ spec, alarm: createAlarm(spec, pages) }));
  return { specs, alarms, coreNames: ofCore.map(({ name }) => name) };
}
export type Alarms = ReturnType<typeof createAlarms>;
