// Fourth act: a source falls silent while the platform runs. It is noticed, understood and told; new events end it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { VISITS, writeClicks } from "./refresh.ts";
import { check, DemoError, heading, indent, say } from "./say.ts";
import { asked, STATE, shown, steward, typed, untilSo } from "./steward.ts";
import { CUSTOMER, SESSIONS } from "./stores.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A dropped file counts once nobody has changed it for two seconds. */
const SETTLED_MS = 2_200;
const SILENT_HOURS = 3;
const MOST_MINUTES = 15;
const SIDES = 3;
/** What `steward freshness` ends with where a side is late. */
const LATE = 1;
const LATE_CLICKS = "1998-07-01T03:";
const PAGES = join(STATE, "pages.jsonl");

interface Run {
  readonly workflow: string;
  readonly group: string;
  readonly state: string;
}

interface Incident {
  readonly incidentId: string;
  readonly group: string | null;
  readonly status: string;
  readonly diagnosis: string | null;
  readonly remedy: string | null;
}

interface Freshness {
  readonly groups: readonly { readonly isFresh: boolean }[];
}

interface Page {
  readonly incidentId: string;
  readonly subject: string;
  readonly text: string;
}

/** The platform's clock, which stands where the last command set it. */
let nowMs: number;

export async function showSilence(fromIso: string): Promise<void> {
  nowMs = Date.parse(fromIso);
  heading(`4. Silence: nobody sends clicks any more, and ${SESSIONS} must be at most 2 hours old`);
  await shown(["freshness", SESSIONS]);
  const refreshedBefore = await countRefreshes();
  say(`\n   ${SILENT_HOURS} hours go by. The schedule refreshes all the while.`);
  await drive(SILENT_HOURS * HOUR_MS);
  await untilRefreshed(refreshedBefore + SILENT_HOURS);
  await checkStale();
  const incident = await untilPaged();
  await checkPage(incident);
  await bringClicks();
  await untilClosed(incident);
  await checkServed();
}

/** Sets the platform's clock on, as a person would in a drill, and lists what the platform had noticed by then. */
async function drive(ms: number): Promise<readonly Incident[]> {
  nowMs += ms;
  return asked(["incidents", "--all", "--clock", new Date(nowMs).toISOString()]);
}

async function countRefreshes(): Promise<number> {
  const { stdout } = await steward(["runs", "--json"]);
  return refreshesIn(JSON.parse(stdout) as readonly Run[]); // the command's own document
}

const refreshesIn = (runs: readonly Run[]): number =>
  runs.filter(
    ({ workflow, group, state }) => workflow === "refresh" && group === SESSIONS && state === "succeeded",
  ).length;

async function untilRefreshed(count: number): Promise<void> {
  const isSo = (runs: readonly Run[]): boolean => refreshesIn(runs) >= count;
  await untilSo("the schedule fills its slots", ["runs"], isSo);
  check(true, `the schedule filled the ${SILENT_HOURS} slots that passed, each by a refresh that succeeded`);
}

async function checkStale(): Promise<void> {
  const table = await shown(["freshness", SESSIONS], LATE);
  check(
    table.match(/ 4 hours +2 hours +late /g)?.length === SIDES,
    "and they made nothing younger: age counts from the youngest event",
  );
}

/** Lets the clock run, a minute at a time, until the checker's alarm has led to a page. */
async function untilPaged(): Promise<Incident> {
  for (let minute = 0; minute < MOST_MINUTES; minute += 1) {
    const incidents = await drive(MINUTE_MS);
    const paged = incidents.find(({ status }) => status === "paged");
    if (paged === undefined) continue;
    check(incidents.length === 1 && paged.group === SESSIONS, `an incident of ${SESSIONS} was opened`);
    await shown(["incidents", paged.incidentId]);
    check(paged.diagnosis === "source-silent", "it says what is wrong: the source is silent");
    check(paged.remedy === null, "nothing was tried: a refresh would only give old data a new date");
    return paged;
  }
  throw new DemoError(`no page within ${MOST_MINUTES} minutes of the platform's clock`);
}

async function checkPage({ incidentId }: Incident): Promise<void> {
  const pages = readPages(PAGES);
  const [page] = pages;
  if (page === undefined) throw new DemoError(`${PAGES} has no page`);
  say(`\n   The page, in ${PAGES}:`);
  say(indent(`${page.subject}\n${page.text}`));
  check(
    pages.length === 1 && page.incidentId === incidentId,
    "the owner was paged once, with what to do about it",
  );
}

const readPages = (file: string): readonly Page[] =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Page); // the pager wrote it

/** Somebody mends the sender: a file lies in the folder of the source, and the next slot of the schedule takes it. */
async function bringClicks(): Promise<void> {
  const path = writeClicks("late", LATE_CLICKS, join(STATE, "incoming", "clicks"));
  say(`\n   New clicks are dropped: ${path}. Another hour goes by, and with it a slot of the schedule.`);
  await sleep(SETTLED_MS);
  await drive(HOUR_MS);
  const isFresh = ({ groups }: Freshness): boolean => groups.every((group) => group.isFresh);
  await untilSo("the dropped file is taken in", ["freshness", SESSIONS], isFresh);
  await shown(["freshness", SESSIONS]);
  check(true, "the schedule took them in by itself: all three stores are fresh");
}

async function untilClosed({ incidentId }: Incident): Promise<void> {
  for (let minute = 0; minute < MOST_MINUTES; minute += 1) {
    const incidents = await drive(MINUTE_MS);
    if (incidents.some(({ status }) => status !== "closed")) continue;
    await shown(["incidents", incidentId]);
    check(incidents.length === 1, "the alarm is off, and the incident closed by itself");
    check(readPages(PAGES).length === 1, "nobody was paged a second time");
    return;
  }
  throw new DemoError(`still open after ${MOST_MINUTES} minutes of the platform's clock`);
}

async function checkServed(): Promise<void> {
  const hot = await typed(["export", SESSIONS, "--store", "hot"]);
  const records = hot.split("\n").length;
  check(
    records === 2 * VISITS - 1 && !hot.includes(`"visits-${CUSTOMER}"`),
    `the hot store serves ${records} visits, the new ones among them, and not the one that was erased`,
  );
}
