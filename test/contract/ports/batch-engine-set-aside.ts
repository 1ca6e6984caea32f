// The rules of BatchEngine about suppressed subjects and about set-aside rows: listed, tried again.

import { boolean, date, decimal, float, instant, integer, optional, source, text } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  anAppendJob,
  appendRows,
  at,
  type BatchEngineHarness,
  type OpenBatchEngine,
  only,
  setAsideOf,
  stagedRows,
} from "../support/batch-engine-harness.ts";

/** `readings` as it was declared later: more decimals, and a count that may be absent. */
const laterReadings = source("readings", {
  columns: {
    id: text(),
    at: instant(),
    count: optional(integer()),
    amount: decimal(9, 4),
    read_on: optional(date()),
    weight: optional(float()),
    active: optional(boolean()),
    note: optional(text()),
  },
  eventTime: "at",
});

export function describeSetAside(open: OpenBatchEngine): void {
  describe("suppressions and set-aside rows", () => {
    let harness: BatchEngineHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const suppressed = (id: string, until: string | undefined, entity = "meter") => ({
      entity,
      pseudonym: harness.pseudonymiser.pseudonym(entity, id),
      untilMs: until === undefined ? undefined : at(until),
    });
    const idsAndRows = async (key: string | undefined) =>
      (await stagedRows(harness, key)).map((event) => [event.id, event._row]);

    it("drops and counts a suppressed subject's events dated at or before the suppression, and no others", async () => {
      const file = await appendRows(
        harness,
        ["é,2025-01-01", "m1,2025-01-01", "é,2025-01-02", "é,2025-01-03", "m1,2025-01-04"]
          .map((start) => `${start},1,2.50,,,,\n`)
          .join(""),
        { suppressions: [suppressed("é", "2025-01-02"), suppressed("m1", "2025-01-09", "other")] },
      );

      expect(await idsAndRows(file.eventKey)).toEqual([
        ["m1", 2],
        ["é", 4],
        ["m1", 5],
      ]);
      expect(file).toMatchObject({ rowCount: 5, eventCount: 3, setAsideCount: 0, suppressedCount: 2 });
      expect(file.minEventTimeMs).toBe(at("2025-01-01"));
    });

    it("leaves a subject out altogether where its suppression has no time yet, rows without a date included", async () => {
      const file = await appendRows(
        harness,
        "m1,2025-01-01,1,2.50,,,,\nm1,never,1,2.50,,,,\nm2,never,1,2.50,,,,\n",
        {
          suppressions: [suppressed("m1", undefined)],
        },
      );

      expect(file).toMatchObject({
        eventCount: 0,
        eventKey: undefined,
        setAsideCount: 1,
        suppressedCount: 2,
      });
      expect(await setAsideOf(harness, file)).toEqual([[3, "at", "type"]]);
    });

    it("drops the rows that name a suppressed subject in another column", async () => {
      const file = await appendRows(harness, "m1,2025-01-01,1,2.50,,,,ann\nm1,2025-01-01,1,2.50,,,,bob\n", {
        subjectColumns: [
          { entity: "meter", column: "id" },
          { entity: "person", column: "note" },
        ],
        suppressions: [suppressed("ann", "2025-02-01", "person")],
      });

      expect(await idsAndRows(file.eventKey)).toEqual([["m1", 2]]);
    });

    it("lists set-aside rows of several files by file and row, without their cells", async () => {
      const second = await appendRows(harness, "zz\n", { name: "b.csv", outputPrefix: "events/2/" });
      const first = await appendRows(harness, "m1,2025-01-01,x,2.50,,,,\n,2025-01-01,1,2.50,,,,\n", {
        name: "a.csv",
      });

      const keys = [second.setAsideKey ?? "", first.setAsideKey ?? ""];

      expect(await harness.engine.listSetAside(keys, 10)).toEqual([
        { file: first.name, row: 1, column: "count", rule: "type" },
        { file: first.name, row: 2, column: "id", rule: "required" },
        { file: second.name, row: 1, column: undefined, rule: "columns" },
      ]);
      expect(await harness.engine.listSetAside(keys, 2)).toHaveLength(2);
      expect(await harness.engine.listSetAside([], 10)).toEqual([]);
    });

    it("tries set-aside rows again under the source as it is now: they keep file and row, failures are set aside again", async () => {
      const first = await appendRows(
        harness,
        `m1,2025-01-01,1,2.50,,,,\n00042,2025-01-02,,3.999,,,,"a ""b"",\nc"\nm3,2025-13-01,1,1.00,,,,\nzz\n`,
      );

      const again = only(
        await harness.engine.replaySetAside({
          ...anAppendJob({ files: [], source: laterReadings, outputPrefix: "events/2/" }),
          setAsideKeys: [first.setAsideKey ?? ""],
        }),
      );

      expect(again).toMatchObject({
        name: first.name,
        contentId: first.contentId,
        sizeBytes: first.sizeBytes,
        rowCount: 3,
        eventCount: 1,
        setAsideCount: 2,
      });
      expect(await stagedRows(harness, again.eventKey)).toMatchObject([
        { id: "00042", count: null, amount: "3.9990", note: 'a "b",\nc', _file: first.name, _row: 2 },
      ]);
      expect(await setAsideOf(harness, again)).toEqual([
        [3, "at", "type"],
        [4, null, "columns"],
      ]);
    });

    it("keeps a row that is not UTF-8 set aside, whatever else it says", async () => {
      const first = await appendRows(harness, Buffer.from("m\xff,2025-01-01,1,2.50,,,,\n", "latin1"));

      const again = only(
        await harness.engine.replaySetAside({
          ...anAppendJob({ files: [], outputPrefix: "events/2/" }),
          setAsideKeys: [first.setAsideKey ?? ""],
        }),
      );

      expect(await setAsideOf(harness, again)).toEqual([[1, null, "encoding"]]);
    });

    it("consults the suppressions when rows are tried again", async () => {
      const first = await appendRows(harness, "m1,2025-01-01,1,2.505,,,,\nm2,2025-01-01,1,2.505,,,,\n");

      const again = only(
        await harness.engine.replaySetAside({
          ...anAppendJob({ files: [], source: laterReadings, outputPrefix: "events/2/" }),
          suppressions: [suppressed("m1", "2025-01-01")],
          setAsideKeys: [first.setAsideKey ?? ""],
        }),
      );

      expect(await idsAndRows(again.eventKey)).toEqual([["m2", 2]]);
      expect(again.suppressedCount).toBe(1);
    });
  });
}
