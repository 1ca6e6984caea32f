// Identifiers while persons are erased: sought in all that the platform keeps and prints, from the moment the request is
// accepted to its finish, through a preview, wrong calls, a kill, a refusal and what is printed of each.

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getPlace, listRuns } from "@steward/core";
import {
  customerActivity,
  customerLoyalty,
  customerPurchases,
  customerSessions,
  productViews,
} from "@steward/features";
import { openPlatform, type Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findLeaks, makeCanaries, toNeedles } from "../support/leak-search.ts";
import { exportRows, makeStateDir, removeStateDir } from "../support/platform.ts";
import { writeCsv } from "../support/purchase-files.ts";
import { type Content, listFiles, readFiles, readRedis, readSqliteRows } from "../support/state-contents.ts";
import { findInState } from "../support/state-search.ts";
import { type CommandResult, runSteward, startSteward } from "../support/steward-command.ts";

const GROUP = customerPurchases.name;
const GROUPS = [customerActivity, customerLoyalty, customerPurchases, customerSessions, productViews];
const CANARIES = makeCanaries(9, 20_261_126);
const ERASED = CANARIES.slice(0, 3);
const OTHERS = CANARIES.slice(3, 8);
/** Only ever named in calls that are refused. */
const NAMED = CANARIES.slice(8);
/** A subject that `test/data/parquet/int96.parquet` holds: without it nobody would have to write that file again. */
const IN_THE_FILE = "gone";
const NEEDLES = toNeedles(CANARIES);
const ERASED_NEEDLES = toNeedles(ERASED);

/** Where identifiers may lie: event table with set-aside rows, offline store, staging; online store; stream. */
const MAY_HOLD_IDENTIFIERS = [
  /^objects\/(events|offline|staging)\/.*\.parquet$/,
  /^feature-store\//,
  /^stream\.sqlite/,
];
const STREAM_FILE = /^stream\.sqlite/;

let folder: string;
let state: string;
let platform: Platform;
const outcomes: Record<string, number | null> = {};
const printed: Content[] = [];
const kept: Content[] = [];
/** Where an erased person still lies, all bytes and all cells looked at: before, certified, finished. */
const places: Record<string, readonly string[]> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-leaks-"));
  state = makeStateDir();
  platform = await openPlatform({ stateDir: state, groups: GROUPS });
  await fillEveryCopy();
  places.before = await placesOfErased();
  await callWrongly();
  await killAndRefuse();
  kept.push(...(await contentsOf("failed")));
  await certify();
  await finish();
}, 240_000);

afterAll(async () => {
  await platform.close();
  await removeStateDir(state);
  rmSync(folder, { recursive: true, force: true });
});

describe("the identifiers of an erasure", () => {
  it("were there to be leaked, in each copy, in an erasure that was killed, refused, certified and finished", () => {
    expect(outcomes).toEqual({
      refreshed: 0,
      sessions: 0,
      put: 0,
      previewed: 0,
      "unknown entity": 2,
      "control character": 2,
      "not confirmed": 2,
      killed: null,
      refused: 1,
      shown: 0,
      certified: 0,
      "other subjects of the key": 2,
      verified: 0,
      finished: 0,
    });
    for (const part of [
      "objects/events/",
      "set-aside",
      "objects/offline/",
      "feature-store/",
      "stream.sqlite",
    ])
      expect(places.before?.join()).toContain(part);
  });

  it.for([
    ["file of the state folder but those of the stores", " file ", 40],
    ["row of ledger, queue and object index", ".sqlite ", 200],
    ["key or value of Redis", "Redis", 20],
  ] as const)("lie in no %s, at no moment", ([, where, least]) => {
    const contents = kept.filter(({ place }) => place.includes(where));

    expect(contents.length).toBeGreaterThan(least);
    expect(leaksIn(contents)).toEqual([]);
  });

  it("are not in evidence and certificates", () => {
    const evidence = kept.filter(({ place }) => /certified: file .*(evidence|certificate)/.test(place));

    expect(evidence.map(({ place }) => place)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/file objects\/evidence\/000000001\..*json$/),
        expect.stringMatching(/file objects\/evidence\/000000002\..*json$/),
        expect.stringMatching(/file certificates\/.*\.json$/),
      ]),
    );
    expect(leaksIn(evidence)).toEqual([]);
  });

  it("are in nothing that a command prints, its errors included", () => {
    expect(printed).toHaveLength(Object.keys(outcomes).length);
    expect(leaksIn(printed)).toEqual([]);
  });

  it("of the erased lie nowhere but on the stream once it is certified, and nowhere at all once it is finished", () => {
    expect(places.certified?.filter((place) => !STREAM_FILE.test(place))).toEqual([]);
    expect(places.finished).toEqual([]);
  });

  it("of the others lie where they did", async () => {
    for (const store of ["offline", "online", "hot"] as const) {
      const rows = await exportRows(platform, customerPurchases, store);
      expect(rows.map(({ recordId }) => recordId).sort()).toEqual([...OTHERS].sort());
    }
  });
});

async function fillEveryCopy(): Promise<void> {
  const all = [...ERASED, ...OTHERS];
  const purchases = [
    ...all.map((id) => `${id},1997-09-01,1,5.00`),
    `${ERASED[0]},1997-02-30,1,5.00`,
    `${OTHERS[0]},1997-02-30,1,5.00`,
  ];
  const input = writeCsv(folder, "purchases.csv", purchases);
  const asOf = ["--as-of", "1997-10-01", "--set-aside-threshold", "1"];
  await steward("refreshed", "refresh", GROUP, "--input", input, ...asOf);
  const clicks = all.map((id, index) => `k${index},session-${index},${id},1997-09-01T08:00:00Z,home,3`);
  const header = "click_id,session_id,customer_id,clicked_at,page,seconds";
  const visits = writeCsv(folder, "clicks.csv", clicks, header);
  await steward("sessions", "refresh", customerSessions.name, "--input", visits, "--as-of", "1997-10-01");
  const [first = "", ...seen] = all.map((id) =>
    JSON.stringify({ customer_id: id, seen_at: "2026-06-01T08:00:00Z", page: "home" }),
  );
  const activity = writeCsv(folder, "activity.jsonl", seen, first);
  await steward("put", "put", customerActivity.name, "--file", activity);
}

async function callWrongly(): Promise<void> {
  const [person = ""] = ERASED;
  const [named = ""] = NAMED;
  await steward("previewed", "erase", "customer", ...ERASED, "--preview", "--json");
  await steward("unknown entity", "erase", "custmer", person, named, "--yes");
  await steward("control character", "erase", "customer", `${named}\u0007`, "--yes", "--json");
  await steward("not confirmed", "erase", "customer", person, named);
  kept.push(...(await contentsOf("refused")));
}

/** Killed while it waits for writers, then resumed to a file that cannot be written again. */
async function killAndRefuse(): Promise<void> {
  const { offlinePrefix } = await getPlace(platform.ports.ledger, GROUP);
  const file = `${offlinePrefix}data/year=1997/month=10/day=01/hour=00/19971001T000000Z_AbCdEfGhIjKlMnOp.parquet`;
  await platform.ports.objects.putFile(file, copyOf("test/data/parquet/int96.parquet"));
  const subjects = writeCsv(folder, "leavers.txt", ERASED, IN_THE_FILE);
  const running = startSteward(
    ["erase", "customer", "--file", subjects, "--yes", "--key", `for ${ERASED[0]}`],
    { state, env: { STEWARD_DEBUG: "1" } },
  );
  await running.said("waiting for what began before to end");
  kept.push(...(await contentsOf("at work")));
  running.child.kill("SIGKILL");
  keep("killed", await running.ended);
  kept.push(...(await contentsOf("killed")));
  await steward("refused", "resume", await requestId());
  await steward("shown", "erasure", await requestId());
  await platform.ports.objects.removeVersions(await platform.ports.objects.listVersions(file));
}

async function certify(): Promise<void> {
  const certified = await steward("certified", "resume", await requestId(), "--json");
  await steward(
    "other subjects of the key",
    "erase",
    "customer",
    ...NAMED,
    "--yes",
    "--key",
    `for ${ERASED[0]}`,
  );
  const said = JSON.parse(certified.stdout) as { readonly certificate: string; readonly publicKey: string };
  await steward("verified", "certificate", "verify", said.certificate, "--key", said.publicKey);
  kept.push(...(await contentsOf("certified")));
  places.certified = await placesOfErased();
}

/** A later command finishes it, once the stream retains nothing of them. */
async function finish(): Promise<void> {
  await steward("finished", "erase", "customer", "nobody", "--yes", "--clock", "2031-01-01T00:00:00Z");
  kept.push(...(await contentsOf("finished")));
  places.finished = await placesOfErased();
}

async function requestId(): Promise<string> {
  const erasure = (await listRuns(platform.ports.ledger)).find(({ workflow }) => workflow === "erasure");
  return erasure?.runId ?? "";
}

function copyOf(path: string): string {
  const copy = join(folder, "copy.parquet");
  copyFileSync(path, copy);
  return copy;
}

async function steward(outcome: string, ...args: string[]): Promise<CommandResult> {
  return keep(outcome, await runSteward(args, { state, env: { STEWARD_DEBUG: "1" } }));
}

function keep(outcome: string, result: CommandResult): CommandResult {
  outcomes[outcome] = result.code;
  printed.push({ place: outcome, bytes: Buffer.from(`${result.stdout}\n${result.stderr}`) });
  return result;
}

async function contentsOf(moment: string): Promise<readonly Content[]> {
  const files = listFiles(state).filter((path) => !MAY_HOLD_IDENTIFIERS.some((rule) => rule.test(path)));
  return [
    ...readFiles(state, files).map(({ place, bytes }) => ({ place: `file ${place}`, bytes })),
    ...files.filter((path) => path.endsWith(".sqlite")).flatMap((path) => readSqliteRows(state, path)),
    ...(await readRedis(platform.services.redis.url)),
  ].map(({ place, bytes }) => ({ place: `${moment}: ${place}`, bytes }));
}

/** In all bytes of all files, in each form, and in the cells of every Parquet file. */
async function placesOfErased(): Promise<readonly string[]> {
  const cells = await Promise.all(ERASED.map((id) => findInState(platform, id)));
  const bytes = readFiles(state, listFiles(state)).filter(
    ({ place, bytes: content }) => findLeaks(place, content, ERASED_NEEDLES).length > 0,
  );
  return [...new Set([...cells.flat(), ...bytes.map(({ place }) => place)])].sort();
}

function leaksIn(contents: readonly Content[]): readonly string[] {
  return contents.flatMap(({ place, bytes }) => findLeaks(place, bytes, NEEDLES));
}
