// Incidents of a test on the whole platform: alarms that go on and off, and the remediation that follows.

import { existsSync, readFileSync } from "node:fs";
import { DrivenClock } from "@steward/adapters";
import {
  attendIncidents,
  checkFreshness,
  type EpochMs,
  getIncident,
  getRun,
  type Incident,
  type IncidentAlarm,
  listIncidents,
  type Page,
  type Run,
} from "@steward/core";
import type { Platform } from "@steward/local";
import { until } from "./until.ts";

/** Sets the platform's clock forward. */
export function leap(platform: Platform, ms: number): void {
  const { clock } = platform.ports;
  if (!(clock instanceof DrivenClock)) throw new Error("the clock of this platform is not driven");
  clock.set((clock.now() + ms) as EpochMs);
}

/** Sets the platform's clock forward, to when the freshness checker has just looked: whoever decides at the new time finds it there. */
export async function advance(platform: Platform, ms: number): Promise<void> {
  const laterMs = (platform.ports.clock.now() + ms) as EpochMs;
  await checkFreshness({ ...platform.ports, clock: { now: () => laterMs } });
  leap(platform, ms);
}

/** From now on the platform's clock runs, a minute in a second of real time. Returns what stops it. */
export function runClock(platform: Platform): () => void {
  const ticking = setInterval(() => leap(platform, 6_000), 100);
  return () => clearInterval(ticking);
}

/** Says of alarms what the alarm watch would. */
export async function setAlarms(
  platform: Platform,
  state: "alarm" | "ok",
  alarms: readonly IncidentAlarm[],
): Promise<void> {
  await checkFreshness(platform.ports);
  await setAlarmsUnchecked(platform, state, alarms);
}

/** The same while the freshness checker is silent. */
export async function setAlarmsUnchecked(
  platform: Platform,
  state: "alarm" | "ok",
  alarms: readonly IncidentAlarm[],
): Promise<void> {
  const { ledger } = platform.ports;
  for (const { name } of alarms) {
    const key = { partition: "alarms", sort: name };
    const item = await ledger.find(key);
    await ledger.put(
      key,
      { state, sinceMs: platform.ports.clock.now(), reason: "set by a test" },
      item === undefined ? "absent" : item,
    );
  }
  await attendIncidents(platform.ports, state === "alarm" ? alarms : []);
}

export async function theIncident(platform: Platform): Promise<Incident> {
  const incidents = await listIncidents(platform.ports.ledger);
  const [incident] = incidents;
  if (incident === undefined || incidents.length > 1)
    throw new Error(`there are ${incidents.length} incidents`);
  return incident;
}

/** Waits until the incident has one of these states. */
export function untilStatus(
  platform: Platform,
  incidentId: string,
  ...statuses: readonly Incident["status"][]
): Promise<Incident> {
  return until(`incident ${incidentId} is ${statuses.join(" or ")}`, async () => {
    const incident = await getIncident(platform.ports.ledger, incidentId);
    return statuses.includes(incident.status) ? incident : undefined;
  });
}

/** The runs that remedies of the incident started, each ended. */
export async function runsOf(platform: Platform, { runs }: Incident): Promise<readonly Run[]> {
  return Promise.all(runs.map(async (runId) => platform.settled(await getRun(platform.ports.ledger, runId))));
}

export function pagesOf(platform: Platform): readonly Page[] {
  const file = platform.folder.pages;
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** What was decided, in order. */
export const kindsOf = ({ decisions }: Incident): readonly string[] => decisions.map(({ kind }) => kind);
