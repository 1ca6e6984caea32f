// What a worker does with a chunk when stores throttle, fail, lose their guards or come too late.

import {
  getRun,
  isBalanced,
  listChunks,
  suppressionPartition,
  tagOf,
  UnavailableError,
  updateRun,
  writeChunk,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";
import { aWritePath, NOW, REFERENCE, type WritePath } from "../../support/write-path.ts";

const FIRST = { deadlineMs: Number.POSITIVE_INFINITY, isLastDelivery: false };
const LAST = { ...FIRST, isLastDelivery: true };
const records = ["a", "b", "c"].map((recordId) => aRecord({ recordId, eventTimeMs: NOW }));

const theChunk = async ({ ledger }: WritePath) => (await listChunks(ledger, REFERENCE))[0];

async function suppress(path: WritePath, recordId: string, untilMs?: number): Promise<void> {
  const pseudonym = path.pseudonym(recordId);
  await path.ledger.put(
    { partition: suppressionPartition("customer", tagOf(pseudonym)), sort: pseudonym },
    untilMs === undefined ? {} : { untilMs },
    "absent",
  );
}

describe("writeChunk", () => {
  it("writes every record to both stores and settles the chunk", async () => {
    const path = await aWritePath({ records });

    expect(await writeChunk(path.ports, REFERENCE, FIRST)).toEqual({ kind: "settled" });

    const all = { planned: 3, written: 3, newerKept: 0, suppressed: 0, expired: 0, failed: 0 };
    expect(await theChunk(path)).toMatchObject({
      status: "settled",
      counts: { overall: all, online: all, hot: all },
      reason: null,
    });
  });

  it("counts the deliveries that could not reach a store, as long as others are to come", async () => {
    const path = await aWritePath({
      records,
      hot: () => {
        throw new UnavailableError("Redis cannot be used: no connection");
      },
    });

    for (const outages of [1, 2]) {
      expect(await writeChunk(path.ports, REFERENCE, FIRST)).toEqual({
        kind: "retry",
        reason: "UnavailableError",
      });
      expect(await theChunk(path)).toMatchObject({ status: "planned", outages });
    }
    await writeChunk(path.ports, REFERENCE, LAST);

    expect(await theChunk(path)).toMatchObject({ status: "failed", reason: "UnavailableError", outages: 2 });
  });

  it("counts no outage where a store refused a record", async () => {
    const path = await aWritePath({ records, online: () => ({ kind: "failed", reason: "ValidationError" }) });

    await writeChunk(path.ports, REFERENCE, FIRST);

    expect((await theChunk(path))?.outages).toBeUndefined();
  });

  it("tries a throttled record again, alone, after a pause, until it is written", async () => {
    const path = await aWritePath({
      records,
      online: (id, tries) => (id === "b" && tries < 3 ? { kind: "throttled" } : { kind: "written" }),
    });

    expect(await writeChunk(path.ports, REFERENCE, FIRST)).toEqual({ kind: "settled" });

    expect(path.calls.filter(({ kind }) => kind === "online")).toEqual([
      { kind: "online", ids: ["a", "b", "c"] },
      { kind: "online", ids: ["b"] },
      { kind: "online", ids: ["b"] },
    ]);
    expect(path.timer.slept).toEqual([25, 50]);
    expect((await theChunk(path))?.counts.overall.written).toBe(3);
  });

  it("goes on while each try settles some of the records, be it more than six", async () => {
    const ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    const path = await aWritePath({
      records: ids.map((recordId) => aRecord({ recordId, eventTimeMs: NOW })),
      online: (id, tries) => (tries <= ids.indexOf(id) ? { kind: "throttled" } : { kind: "written" }),
    });

    expect(await writeChunk(path.ports, REFERENCE, FIRST)).toEqual({ kind: "settled" });

    expect(path.calls.filter(({ kind }) => kind === "online")).toHaveLength(10);
  });

  it("gives up on a record that stays throttled, after six tries, and asks for another delivery", async () => {
    const path = await aWritePath({
      records,
      online: (id) => (id === "b" ? { kind: "throttled" } : { kind: "written" }),
    });

    expect(await writeChunk(path.ports, REFERENCE, FIRST)).toEqual({ kind: "retry", reason: "Throttled" });

    expect(path.calls.filter(({ kind }) => kind === "online")).toHaveLength(6);
    expect((await theChunk(path))?.status).toBe("planned");
  });

  it("does not try again what will not succeed, and writes the others", async () => {
    const path = await aWritePath({
      records,
      online: (id) => (id === "b" ? { kind: "failed", reason: "ValidationError" } : { kind: "written" }),
    });

    expect(await writeChunk(path.ports, REFERENCE, LAST)).toEqual({
      kind: "retry",
      reason: "ValidationError",
    });

    expect(path.calls.filter(({ kind }) => kind === "online")).toHaveLength(1);
    const chunk = await theChunk(path);
    expect(chunk).toMatchObject({
      status: "failed",
      reason: "ValidationError",
      counts: {
        overall: { written: 2, failed: 1 },
        online: { written: 2, failed: 1 },
        hot: { written: 3, failed: 0 },
      },
    });
    expect(Object.values(chunk?.counts ?? {}).every(isBalanced)).toBe(true);
  });

  it("leaves a chunk planned before its last delivery, so that its counts are taken once", async () => {
    const path = await aWritePath({ records, online: () => ({ kind: "failed", reason: "ValidationError" }) });

    await writeChunk(path.ports, REFERENCE, FIRST);

    expect(await theChunk(path)).toMatchObject({ status: "planned", counts: { overall: { planned: 0 } } });
  });

  it("settles on a later delivery what failed on an earlier one", async () => {
    const path = await aWritePath({
      records,
      online: (_, tries) =>
        tries === 1 ? { kind: "failed", reason: "InternalFailure" } : { kind: "written" },
    });
    await writeChunk(path.ports, REFERENCE, FIRST);

    expect(await writeChunk(path.ports, REFERENCE, FIRST)).toEqual({ kind: "settled" });
    expect((await theChunk(path))?.counts.overall).toMatchObject({ planned: 3, written: 3, failed: 0 });
  });

  it("counts a chunk once that is delivered twice, and calls no store the second time", async () => {
    const path = await aWritePath({ records });
    await writeChunk(path.ports, REFERENCE, FIRST);
    const calls = path.calls.length;

    expect(await writeChunk(path.ports, REFERENCE, FIRST)).toEqual({ kind: "settled" });

    expect(path.calls).toHaveLength(calls);
    expect((await theChunk(path))?.counts.overall.written).toBe(3);
  });

  it("counts a chunk once that two workers write at the same time", async () => {
    const path = await aWritePath({ records });

    await Promise.all([writeChunk(path.ports, REFERENCE, FIRST), writeChunk(path.ports, REFERENCE, FIRST)]);

    expect((await theChunk(path))?.counts.overall).toMatchObject({ planned: 3, written: 3 });
  });

  it("starts no call once the deadline has passed, to either store", async () => {
    const path = await aWritePath({ records, onRead: (timer) => timer.advance(1_000) });
    const deadlineMs = path.timer.nowMs() + 1_000;

    const result = await writeChunk(path.ports, REFERENCE, { deadlineMs, isLastDelivery: true });

    expect(result).toEqual({ kind: "retry", reason: "DeadlinePassed" });
    expect(path.calls).toEqual([]);
    expect(await theChunk(path)).toMatchObject({
      status: "failed",
      counts: { overall: { planned: 3, failed: 3 } },
    });
  });

  it("reserves no pace past the deadline, and sends nothing whose turn comes after it", async () => {
    const path = await aWritePath({
      records: Array.from({ length: 1_000 }, (_, index) =>
        aRecord({ recordId: `r${index}`, eventTimeMs: NOW }),
      ),
      settings: { unitsPerSecond: 100 },
      waitMs: 4_000,
    });
    const deadlineMs = path.timer.nowMs() + 6_000;

    await writeChunk(path.ports, REFERENCE, { deadlineMs, isLastDelivery: true });

    const toOnline = path.calls.filter(({ kind }) => kind === "reserve" || kind === "online");
    expect(toOnline.map(({ kind }) => kind)).toEqual(["reserve", "online", "reserve"]);
    expect((await theChunk(path))?.counts.online).toMatchObject({
      planned: 1_000,
      written: 10,
      failed: 990,
    });
  });

  it("reserves the pace before each send, a unit a kilobyte of UTF-8 and at least one a record", async () => {
    const path = await aWritePath({
      records: [
        aRecord({ recordId: "a", eventTimeMs: NOW, features: { last_channel: "x" } }),
        aRecord({ recordId: "b", eventTimeMs: NOW, features: { last_channel: "é".repeat(600) } }),
      ],
      settings: { unitsPerSecond: 1_000 },
      waitMs: 250,
      online: (id, tries) => (id === "b" && tries === 1 ? { kind: "throttled" } : { kind: "written" }),
    });

    await writeChunk(path.ports, REFERENCE, FIRST);

    expect(path.calls.filter(({ kind }) => kind !== "hot")).toEqual([
      { kind: "reserve", units: 3 },
      { kind: "online", ids: ["a", "b"] },
      { kind: "reserve", units: 2 },
      { kind: "online", ids: ["b"] },
    ]);
    expect(path.timer.slept).toEqual([250, 25, 250]);
  });

  it("lets go of a reservation whose answer came so late that its moment may have passed", async () => {
    const path = await aWritePath({ records, settings: { unitsPerSecond: 1_000 } });
    const lagsMs = [11, 10];
    const pacer = {
      reserve: async () => {
        path.timer.advance(lagsMs.shift() ?? 0);
        return { waitMs: 100 };
      },
    };

    expect(await writeChunk({ ...path.ports, pacer }, REFERENCE, FIRST)).toEqual({ kind: "settled" });

    expect(path.timer.slept).toEqual([100, 100]);
    expect(lagsMs).toEqual([]);
  });

  it("sends nothing online when the pacer is gone", async () => {
    const path = await aWritePath({ records, settings: { unitsPerSecond: 1_000 } });
    const pacer = { reserve: () => Promise.reject(new UnavailableError("the schedule is gone")) };

    const result = await writeChunk({ ...path.ports, pacer }, REFERENCE, LAST);

    expect(result).toEqual({ kind: "retry", reason: "UnavailableError" });
    expect(path.calls.filter(({ kind }) => kind === "online")).toEqual([]);
    expect((await theChunk(path))?.counts.overall).toMatchObject({ planned: 3, failed: 3 });
  });

  it("fails every record, in balance, when the hot store cannot be reached", async () => {
    const path = await aWritePath({
      records,
      hot: () => Promise.reject(new UnavailableError("connection refused")),
    });

    expect(await writeChunk(path.ports, REFERENCE, LAST)).toEqual({
      kind: "retry",
      reason: "UnavailableError",
    });
    expect((await theChunk(path))?.counts.hot).toMatchObject({ planned: 3, failed: 3, written: 0 });
  });

  it("passes on a fault that nobody foresaw, and leaves the chunk planned", async () => {
    const path = await aWritePath({ records, hot: () => Promise.reject(new TypeError("broken")) });

    await expect(writeChunk(path.ports, REFERENCE, LAST)).rejects.toThrow(TypeError);
    expect((await theChunk(path))?.status).toBe("planned");
  });

  it("notes what the hot store kept or refused, and what was newer counts so overall", async () => {
    const path = await aWritePath({
      records,
      hot: (id) => (id === "a" ? "newerKept" : id === "b" ? "suppressed" : "written"),
    });

    await writeChunk(path.ports, REFERENCE, FIRST);

    expect((await theChunk(path))?.counts).toMatchObject({
      overall: { written: 1, newerKept: 1, suppressed: 1 },
      hot: { written: 1, newerKept: 1, suppressed: 1 },
      online: { written: 3 },
    });
  });
});

describe("writeChunk, of suppressed records", () => {
  it("sends to no store what is dated at or before the suppression, and writes the others", async () => {
    const path = await aWritePath({ records });
    await suppress(path, "a", NOW);
    await suppress(path, "b", NOW - 1);

    await writeChunk(path.ports, REFERENCE, FIRST);

    expect(path.calls.map((call) => ("ids" in call ? call.ids : []))).toEqual([
      ["b", "c"],
      ["b", "c"],
    ]);
    expect((await theChunk(path))?.counts).toMatchObject({
      overall: { written: 2, suppressed: 1 },
      hot: { suppressed: 1 },
      online: { suppressed: 1 },
    });
  });

  it("leaves a subject out whose suppression has no time yet", async () => {
    const path = await aWritePath({ records });
    await suppress(path, "a");

    await writeChunk(path.ports, REFERENCE, FIRST);

    expect((await theChunk(path))?.counts.overall).toMatchObject({ written: 2, suppressed: 1 });
  });

  it("reads the suppressions after it received the message, also at a second delivery", async () => {
    const path = await aWritePath({
      records,
      online: (_, tries) =>
        tries === 1 ? { kind: "failed", reason: "InternalFailure" } : { kind: "written" },
    });
    await writeChunk(path.ports, REFERENCE, FIRST);
    await suppress(path, "c", NOW);

    await writeChunk(path.ports, REFERENCE, FIRST);

    expect((await theChunk(path))?.counts.overall).toMatchObject({ written: 2, suppressed: 1 });
  });

  it("counts suppressed before expired", async () => {
    const path = await aWritePath({
      records: [aRecord({ recordId: "a", eventTimeMs: NOW - 86_400_000 })],
      group: aFeatureGroup({ ttl: "1 day" }),
    });
    await suppress(path, "a", NOW);

    await writeChunk(path.ports, REFERENCE, FIRST);

    expect((await theChunk(path))?.counts.overall).toMatchObject({ suppressed: 1, expired: 0 });
  });
});

describe("writeChunk, of expired records", () => {
  it("sends no store a record whose life ends now, and writes one with a millisecond left", async () => {
    const path = await aWritePath({
      records: [
        aRecord({ recordId: "over", eventTimeMs: NOW - 86_400_000 }),
        aRecord({ recordId: "alive", eventTimeMs: NOW - 86_400_000 + 1 }),
      ],
      group: aFeatureGroup({ ttl: "1 day" }),
    });

    await writeChunk(path.ports, REFERENCE, FIRST);

    expect(path.calls).toEqual([
      { kind: "hot", ids: ["alive"] },
      { kind: "online", ids: ["alive"] },
    ]);
    expect((await theChunk(path))?.counts.overall).toMatchObject({ written: 1, expired: 1 });
  });
});

describe("writeChunk, on a hot store without its guards", () => {
  it("applies the suppressions of the tag again, then writes what was left", async () => {
    const path = await aWritePath({
      records,
      hot: (id, tries) => (id === "b" && tries === 1 ? "unguarded" : "written"),
    });
    await suppress(path, "b", NOW - 5);

    expect(await writeChunk(path.ports, REFERENCE, FIRST)).toEqual({ kind: "settled" });

    expect(path.calls.filter(({ kind }) => kind !== "online")).toEqual([
      { kind: "hot", ids: ["a", "b", "c"] },
      {
        kind: "fences",
        tag: tagOf(path.pseudonym("b")),
        fences: [{ pseudonym: path.pseudonym("b"), untilMs: NOW - 5 }],
      },
      { kind: "hot", ids: ["b"] },
    ]);
  });

  it("sets no fence for a suppression that has no time yet: it could never be lowered to the time that it gets", async () => {
    const path = await aWritePath({ records, hot: (_, tries) => (tries === 1 ? "unguarded" : "written") });
    await suppress(path, "b");

    await writeChunk(path.ports, REFERENCE, FIRST);

    const fences = path.calls.flatMap((call) => (call.kind === "fences" ? call.fences : []));
    expect(fences).toEqual([]);
  });

  it("gives up when the guards are lost again and again", async () => {
    const path = await aWritePath({ records, hot: () => "unguarded" });

    expect(await writeChunk(path.ports, REFERENCE, LAST)).toEqual({
      kind: "retry",
      reason: "UnavailableError",
    });
    expect(path.calls.filter(({ kind }) => kind === "hot")).toHaveLength(3);
    expect((await theChunk(path))?.counts.hot).toMatchObject({ planned: 3, failed: 3 });
  });
});

describe("writeChunk, of a run that writes no more", () => {
  it.each(["cancelled", "failed", "superseded", "succeeded"] as const)(
    "writes nothing for a %s run",
    async (status) => {
      const path = await aWritePath({ records });
      await updateRun(path.ledger, "run-1", (run) => ({ ...run, status }));

      expect(await writeChunk(path.ports, REFERENCE, FIRST)).toEqual({ kind: "stale" });
      expect(path.calls).toEqual([]);
    },
  );

  it("writes nothing for an attempt that another followed", async () => {
    const path = await aWritePath({ records });
    await updateRun(path.ledger, "run-1", (run) => ({ ...run, attempt: 2 }));

    expect(await writeChunk(path.ports, REFERENCE, FIRST)).toEqual({ kind: "stale" });
    expect(path.calls).toEqual([]);
    expect((await getRun(path.ledger, "run-1")).attempt).toBe(2);
  });

  it("writes nothing for a chunk that there is not", async () => {
    const path = await aWritePath({ records });

    expect(await writeChunk(path.ports, { ...REFERENCE, chunk: 9 }, FIRST)).toEqual({ kind: "stale" });
    expect(path.calls).toEqual([]);
  });
});
