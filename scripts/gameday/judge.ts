// Decides whether a scenario got what it must: in time, the right remedy within its budget, and a recovery or the right page.

import type { EpochMs, Incident } from "@steward/core";
import { z } from "zod";
import type { Expectation, Scenario } from "./scenarios.ts";
import { PERIOD_MS, REMEDY_BUDGET, type Seen, type World } from "./world.ts";

const REMEDIES = new Set(["restart", "rerun", "redrive", "replay", "rebuild"]);
/** Periods from the first bad one to the alarm, both counted. */
const MAX_PERIODS = 2;

export interface Point {
  readonly name: string;
  readonly value: number;
  readonly group: string | undefined;
  readonly side: string | undefined;
  readonly atMs: number;
}

export interface Verdict {
  readonly name: string;
  readonly title: string;
  readonly faultAtMs: EpochMs;
  /** The first alarm, and the check at which its metric was bad for the first time after the fault. */
  readonly alarm: string | undefined;
  readonly badAtMs: number | undefined;
  readonly alarmAtMs: EpochMs | undefined;
  readonly periods: number | undefined;
  readonly diagnoses: readonly string[];
  readonly remedies: readonly string[];
  readonly pages: readonly string[];
  readonly recoveredAtMs: number | undefined;
  /** What is not as it must be; empty: all is. */
  readonly faults: readonly string[];
  readonly points: readonly Point[];
  readonly seen: readonly Seen[];
}

const metricLine = z.object({
  name: z.string(),
  value: z.number(),
  dimensions: z.record(z.string(), z.string()),
  at: z.string(),
});

export async function judge(scenario: Scenario, world: World, faultAtMs: EpochMs): Promise<Verdict> {
  const { name, title, expected } = scenario;
  const points = world.metricLines().map(toPoint);
  const incidents = await world.incidents();
  const first = world.seen.find(({ what, atMs }) => what === "alarm on" && atMs >= faultAtMs);
  const badAtMs = first === undefined ? undefined : firstBad(first.name, points, scenario, faultAtMs);
  const periods =
    first === undefined || badAtMs === undefined ? undefined : periodOf(first.atMs) - periodOf(badAtMs) + 1;
  const pages = world.pages().map(({ subject, text }) => `${subject}\n${text}`);
  const found = {
    alarm: first?.name,
    periods,
    diagnoses: [
      ...new Set(incidents.flatMap(({ decisions }) => decisions.flatMap((one) => one.diagnosis ?? []))),
    ],
    remedies: incidents.flatMap(remediesOf),
    pages,
  };
  const closed = incidents.flatMap(({ closedAtMs }) => closedAtMs ?? []);
  return {
    name,
    title,
    faultAtMs,
    badAtMs,
    alarmAtMs: first?.atMs,
    ...found,
    recoveredAtMs: closed.length === incidents.length ? Math.max(...closed) : undefined,
    faults: faultsOf(expected, found, incidents),
    points,
    seen: world.seen,
  };
}

function faultsOf(
  expected: Expectation,
  found: Pick<Verdict, "alarm" | "periods" | "diagnoses" | "remedies" | "pages">,
  incidents: readonly Incident[],
): readonly string[] {
  const faults: string[] = [];
  const require = (holds: boolean, fault: string): void => void (holds || faults.push(fault));
  require(expected.alarm.test(found.alarm ?? ""), `the first alarm is ${found.alarm ?? "none"}`);
  require((found.periods ?? Number.POSITIVE_INFINITY) <=
    (expected.periods ?? MAX_PERIODS), `seen in ${found.periods ?? "no"} periods`);
  require(found.diagnoses.includes(expected.diagnosis), `found ${found.diagnoses.join(", ") || "nothing"}`);
  const groups = incidents.map(({ group }) => group);
  for (const group of groups)
    require(expected.incidents.includes(group), `an incident of ${group ?? "the platform"} was not expected`);
  for (const incident of incidents) {
    const remedies = remediesOf(incident);
    const about = incident.group ?? "the platform";
    require(incident.status === "closed", `the incident of ${about} is ${incident.status}`);
    require(remedies.length >= expected.least, `${about} got ${remedies.length} remedies`);
    require(remedies.length <= REMEDY_BUDGET, `${about} got ${remedies.length} remedies, past the budget`);
    for (const remedy of remedies)
      require(expected.remedies.includes(remedy), `${about} got ${remedy}, which is not what it needs`);
  }
  if (expected.page === undefined) require(found.pages.length === 0, `somebody was paged: ${found.pages[0]}`);
  else require(found.pages.some((page) => expected.page?.test(page)), "no page has the right words");
  return faults;
}

const remediesOf = ({ decisions }: Incident): readonly string[] =>
  decisions.flatMap(({ diagnosis, kind }) => (REMEDIES.has(kind) ? [`${diagnosis}: ${kind}`] : []));

const periodOf = (atMs: number): number => Math.floor(atMs / PERIOD_MS);

/** Of the first check after the fault whose point breaks the alarm's limit or is not there; of the checker itself, the first period without one. */
function firstBad(
  alarm: string,
  points: readonly Point[],
  { groups }: Scenario,
  faultAtMs: EpochMs,
): number | undefined {
  const beats = points.filter(({ name, atMs }) => name === "CheckerHeartbeat" && atMs >= faultAtMs);
  if (alarm === "freshness-checker") {
    const beaten = new Set(beats.map(({ atMs }) => periodOf(atMs)));
    let period = periodOf(faultAtMs) + 1;
    while (beaten.has(period)) period += 1;
    return period * PERIOD_MS;
  }
  const group = groups.find(({ name }) => alarm.includes(name));
  const side = alarm.split("-").at(-1);
  const isAge = alarm.startsWith("freshness-");
  const limit = isAge ? (group?.freshnessMs ?? 0) / 1_000 : 0;
  const metric = points.filter(
    (point) =>
      point.name === (isAge ? "FreshnessAge" : "SampleDifferences") &&
      point.group === group?.name &&
      point.side === side,
  );
  return beats.find(({ atMs: beatMs }) => {
    const values = metric.filter(({ atMs }) => periodOf(atMs) === periodOf(beatMs)).map(({ value }) => value);
    return values.length === 0 || Math.max(...values) > limit;
  })?.atMs;
}

function toPoint(text: string): Point {
  const { name, value, dimensions, at } = metricLine.parse(JSON.parse(text));
  return { name, value, group: dimensions.group, side: dimensions.side, atMs: Date.parse(at) };
}
