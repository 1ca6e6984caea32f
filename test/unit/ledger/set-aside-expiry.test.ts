import { DEFAULT_SETTINGS, type EpochMs, readEventTable, toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import { commitEvents } from "../../../packages/core/src/ledger/event-table.ts";
import { expireSetAside, listSetAsideFiles } from "../../../packages/core/src/ledger/set-aside-expiry.ts";
import { anObjectStore, DrivenTimer } from "../../support/durable-stores.ts";

const DAY_MS = 86_400_000;
const APPENDED = toEpochMs(1_000 * DAY_MS);
const EVENTS = "events/purchases/data/run-1-1/events-00000.parquet";
const SET_ASIDE = "events/purchases/data/run-1-1/set-aside-00000.parquet";

describe("expireSetAside", () => {
  it("keeps set-aside rows for 30 days after their append, and says until when", async () => {
    const { ports, clock } = await aTable();

    clock.nowMs = toEpochMs(APPENDED + 30 * DAY_MS - 1);
    await expireSetAside(ports, "purchases");

    expect(await listSetAsideFiles(ports, "purchases")).toEqual([
      { key: SET_ASIDE, expiresAtMs: APPENDED + 30 * DAY_MS },
    ]);
  });

  it("removes them then, every version, and the table names them no longer; events and counts stay", async () => {
    const { ports, clock } = await aTable();
    await ports.objects.put(SET_ASIDE, new Uint8Array([2]));

    clock.nowMs = toEpochMs(APPENDED + 30 * DAY_MS);
    await expireSetAside(ports, "purchases");

    expect((await ports.objects.listVersions("events/purchases/data/")).map(({ key }) => key)).toEqual([
      EVENTS,
    ]);
    const { files } = await readEventTable(ports.objects, "purchases");
    expect(files).toMatchObject([{ eventKey: EVENTS, setAsideCount: 1 }]);
    expect(files[0]).not.toHaveProperty("setAsideKey");
  });

  it("keeps what never entered the table for 30 days of real time after it was written", async () => {
    const { ports, timer } = await aTable();
    const left = "events/purchases/data/run-2-1/set-aside-00000.parquet";
    await ports.objects.put(left, new Uint8Array([3]));

    timer.advance(30 * DAY_MS);
    await expireSetAside(ports, "purchases");

    expect(await ports.objects.listVersions(left)).toEqual([]);
    expect(await ports.objects.find(SET_ASIDE)).toBeDefined();
  });
});

async function aTable() {
  const objects = anObjectStore();
  const timer = new DrivenTimer();
  const clock = { nowMs: APPENDED as EpochMs };
  const ports = { objects, timer, settings: DEFAULT_SETTINGS, clock: { now: () => clock.nowMs } };
  for (const key of [EVENTS, SET_ASIDE]) await objects.put(key, new Uint8Array([1]));
  const counts = { rowCount: 2, eventCount: 1, setAsideCount: 1, suppressedCount: 0 };
  const times = { minEventTimeMs: undefined, maxEventTimeMs: undefined };
  const file = { name: "/a.csv", contentId: "c", sizeBytes: 1, eventKey: EVENTS, setAsideKey: SET_ASIDE };
  await commitEvents(objects, "purchases", "run-1", [{ ...file, ...counts, ...times }], APPENDED);
  return { ports, timer, clock };
}
