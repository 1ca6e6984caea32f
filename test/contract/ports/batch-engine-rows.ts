// The rules of BatchEngine.append about rows and files: what is a row, what number it has, what is staged where.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  anAppendJob,
  appendRows,
  type BatchEngineHarness,
  type OpenBatchEngine,
  READINGS_HEADER,
  readings,
  setAsideOf,
  stagedRows,
} from "../support/batch-engine-harness.ts";

const GOOD = "m1,2025-01-01,1,2.50,,,,\n";

export function describeRows(open: OpenBatchEngine): void {
  describe("append, rows", () => {
    let harness: BatchEngineHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const rowsOf = async (key: string | undefined) =>
      (await stagedRows(harness, key)).map((event) => [event._row, event.id, event.note]);

    it("takes two equal rows as two events", async () => {
      const file = await appendRows(harness, GOOD + GOOD);

      expect(await rowsOf(file.eventKey)).toEqual([
        [1, "m1", null],
        [2, "m1", null],
      ]);
    });

    it("takes a header alone as no rows, and stages nothing", async () => {
      expect(await appendRows(harness, "")).toMatchObject({
        rowCount: 0,
        eventKey: undefined,
        setAsideKey: undefined,
        minEventTimeMs: undefined,
      });
      expect(await harness.objects.list("")).toEqual([]);
    });

    it("takes CRLF line ends, quoted commas, quotes and line breaks, and leading zeros", async () => {
      const crlf = await appendRows(
        harness,
        '00042,2025-01-01,1,2.50,,,,"a, ""b"",\r\nc"\r\n0,2025-01-01,1,2.50,,,,d\r\n',
        {
          header: `${READINGS_HEADER}\r`,
        },
      );

      expect(await rowsOf(crlf.eventKey)).toEqual([
        [1, "00042", 'a, "b",\r\nc'],
        [2, "0", "d"],
      ]);
    });

    it("takes line ends of both kinds in one file", async () => {
      const file = await appendRows(harness, `${GOOD}${GOOD.replace("\n", "\r\n")}${GOOD}`);

      expect(file).toMatchObject({ rowCount: 3, eventCount: 3 });
    });

    it("passes over blank lines without counting them", async () => {
      const file = await appendRows(harness, `${GOOD}\n${GOOD}\n\nm2,x,1,2.50,,,,\n`);

      expect(file).toMatchObject({ rowCount: 3, eventCount: 2 });
      expect(await setAsideOf(harness, file)).toEqual([[3, "at", "type"]]);
    });

    it.each([
      ["too few cells", "m2,2025-01-01,1\n", "columns"],
      ["too many cells", `${GOOD.trimEnd()},more\n`, "columns"],
      ["one empty cell too many", `${GOOD.trimEnd()},\n`, "columns"],
      ["nothing but text", "zz\n", "columns"],
      ["bytes that are not UTF-8", Buffer.from("m\xff,2025-01-01,1,2.50,,,,\n", "latin1"), "encoding"],
      ["text after a closing quote", '"m2"x,2025-01-01,1,2.50,,,,"y"\n', "encoding"],
      ["a carriage return in the middle", "m2,2025\r-01-01,1,2.50,,,,\n", "encoding"],
    ])("sets aside a row of %s, and counts on", async (_, broken, rule) => {
      const rows = Buffer.concat([
        Buffer.from(`${GOOD}m2,2025-01-01,1,2.50,,,,"two\nlines"\n`),
        Buffer.from(broken),
        Buffer.from(`${GOOD}m3,2025-02-30,1,2.50,,,,\n`),
      ]);

      const file = await appendRows(harness, rows);

      expect(await setAsideOf(harness, file)).toEqual([
        [3, null, rule],
        [5, "at", "type"],
      ]);
      expect((await rowsOf(file.eventKey)).map(([row]) => row)).toEqual([1, 2, 4]);
      expect(file).toMatchObject({ rowCount: 5, eventCount: 3, setAsideCount: 2, suppressedCount: 0 });
    });

    it("keeps the cells of a row with too many", async () => {
      const file = await appendRows(harness, 'm2,2025-01-01,1,2.50,,,,"a,b",more\n');

      expect((await stagedRows(harness, file.setAsideKey))[0]?.cells).toEqual([
        "m2",
        "2025-01-01",
        "1",
        "2.50",
        "",
        "",
        "",
        "a,b",
        "more",
      ]);
    });

    it("loses one row, not the file, to a quote that closes far below", async () => {
      const file = await appendRows(harness, `${GOOD}m2,2025-01-01,1,2.50,,,,"a\n${GOOD}b"c\n${GOOD}`);

      expect(file).toMatchObject({ eventCount: 2, setAsideCount: 1 });
    });

    it("sets aside a row of 3 MB, naming its longest cell", async () => {
      const file = await appendRows(
        harness,
        `${GOOD}m2,2025-01-01,1,2.50,,,,${"x".repeat(3_000_000)}\n${GOOD}`,
      );

      expect(await setAsideOf(harness, file)).toEqual([[2, "note", "range"]]);
      expect(file.eventCount).toBe(2);
    });

    it("numbers the rows of a large file with line breaks in its cells", async () => {
      const count = 300_000;
      const one = (row: number) =>
        `m${row},2025-01-01,1,2.50,,,,"${"\n1,2,\n".repeat(row % 5)}${"y".repeat(row % 90)}"\n`;
      const rows = Array.from({ length: count }, (_, index) =>
        index % 1_000 === 999 ? "zz\n" : one(index + 1),
      );

      const file = await appendRows(harness, rows.join(""));

      const events = await stagedRows(harness, file.eventKey);
      expect(file).toMatchObject({ rowCount: count, setAsideCount: 300 });
      expect(events.every((event) => event.id === `m${event._row}`)).toBe(true);
      expect(
        events.every((event, index) => index === 0 || Number(event._row) > Number(events[index - 1]?._row)),
      ).toBe(true);
    });

    it("gives one result a file, in the order of the job, each with the file's own name", async () => {
      const text = `${READINGS_HEADER}\n${GOOD}`;
      const names = [await harness.handIn("b.csv", text), await harness.handIn("a.csv", text)];
      const files = await Promise.all(names.map((name) => harness.engine.inspect(readings, { name })));

      const appended = await harness.engine.append(anAppendJob({ files }));

      expect(appended.map(({ name }) => name)).toEqual(names);
      for (const { name, eventKey } of appended) {
        expect((await stagedRows(harness, eventKey)).map((event) => event._file)).toEqual([name]);
      }
    });

    it("replaces what an earlier try of the job left, and touches nothing beside it", async () => {
      await appendRows(harness, `${GOOD}zz\n`, { outputPrefix: "events/1" });
      const beside = await appendRows(harness, GOOD, { outputPrefix: "events/12/" });

      const again = await appendRows(harness, GOOD, { outputPrefix: "events/1" });

      const keys = (await harness.objects.list("events/")).map(({ key }) => key);
      expect(keys).toEqual([beside.eventKey, again.eventKey].sort());
    });

    it("stages the same bytes each time", async () => {
      const rows = Array.from({ length: 5_000 }, (_, row) => `m${row % 7},2025-01-01,${row},2.50,,,,\n`).join(
        "",
      );

      const etags = [];
      for (const outputPrefix of ["events/1/", "events/2/"]) {
        const { eventKey = "" } = await appendRows(harness, rows, { outputPrefix });
        etags.push((await harness.objects.find(eventKey))?.etag);
      }

      expect(etags[0]).toBeDefined();
      expect(etags[1]).toBe(etags[0]);
    });
  });
}
