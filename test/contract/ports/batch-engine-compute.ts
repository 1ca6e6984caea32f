// The rules of BatchEngine.compute: which events count, how the records are laid out, the same bytes each time.

import { inspect } from "node:util";
import {
  type ComputeJob,
  count,
  DataRejectedError,
  type EventFile,
  entity,
  featureGroup,
  instant,
  integer,
  latest,
  optional,
  type Source,
  source,
  sum,
  text,
} from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  appendRows,
  at,
  type BatchEngineHarness,
  type OpenBatchEngine,
  READINGS_HEADER,
  readings,
  rowGroupsOf,
  stagedRows,
} from "../support/batch-engine-harness.ts";

const meter = entity("meter", { key: "id" });
const meterReadings = featureGroup("meter-readings", {
  entity: meter,
  source: readings,
  owner: "growth",
  features: {
    readings_7d: count().over("7 days"),
    amount_7d: sum("amount").over("7 days"),
    counted: sum("count"),
    last_read_at: latest("at"),
    last_active: latest("active"),
  },
});
const visits = source("visits", {
  columns: { visit: optional(text()), id: text(), at: instant(), count: integer(), person: text() },
  eventTime: "at",
  eventId: "visit",
});
const meterVisits = featureGroup("meter-visits", {
  entity: meter,
  source: visits,
  owner: "growth",
  subjectColumns: { person: "person" },
  features: { visits: count(), counted: sum("count"), person: latest("person") },
});

const AS_OF = at("2025-02-01");
const WRITTEN_AT = at("2025-03-01T12:00:00.250Z");

export function describeCompute(open: OpenBatchEngine): void {
  describe("compute", () => {
    let harness: BatchEngineHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    let fileCount = 0;
    /** Appends rows of a source; the event file as compute takes it. */
    const events = async (
      rows: string,
      { sequence = 1, given = readings as Source, header = READINGS_HEADER } = {},
    ): Promise<readonly EventFile[]> => {
      const number = ++fileCount;
      const file = await appendRows(harness, rows, {
        source: given,
        header,
        name: `${number}.csv`,
        outputPrefix: `events/${number}/`,
      });
      return file.eventKey === undefined ? [] : [{ key: file.eventKey, name: file.name, sequence }];
    };
    const visit = (sequence: number, rows: readonly string[]) =>
      events(`${rows.join("\n")}\n`, {
        sequence,
        given: visits as Source,
        header: "visit,id,at,count,person",
      });
    const compute = (overrides: Partial<ComputeJob>) =>
      harness.engine.compute({
        group: meterReadings,
        asOfMs: AS_OF,
        writeTimeMs: WRITTEN_AT,
        events: [],
        suppressions: [],
        outputPrefix: "offline/1/",
        rowsPerFile: 1_000_000,
        rowsPerRowGroup: 100_000,
        ...overrides,
      });
    const recordsOf = async (computed: { readonly files: readonly { readonly key: string }[] }) =>
      (await Promise.all(computed.files.map(({ key }) => stagedRows(harness, key)))).flat();
    const many = (ids: number) =>
      events(Array.from({ length: ids }, (_, id) => `m${id},2025-01-31,${id},2.50,,,,\n`).join(""));

    it("says of each partition of the source how far it was read, the most silent first", async () => {
      const shops = source("shop-readings", {
        columns: { id: text(), at: instant(), count: integer(), shop: optional(text()) },
        eventTime: "at",
        partition: "shop",
      });
      const group = featureGroup("shop-meters", {
        entity: meter,
        source: shops,
        owner: "growth",
        features: { counted: sum("count") },
      });
      const rows =
        "a,2025-01-02,1,north\na,2025-01-09,1,south\nb,2025-01-05,1,north\nb,2025-01-03,1,\nb,2025-02-03,1,north\n";
      const given = await events(rows, { given: shops as Source, header: "id,at,count,shop" });

      const computed = await compute({ group, events: given });

      expect(computed.partitions).toEqual([
        { name: "", greatestEventTimeMs: at("2025-01-03") },
        { name: "north", greatestEventTimeMs: at("2025-01-05") },
        { name: "south", greatestEventTimeMs: at("2025-01-09") },
      ]);
      expect((await compute({ events: await many(1) })).partitions).toBeUndefined();
    });

    it("stages records in the layout of the offline store", async () => {
      const computed = await compute({
        events: await events(
          "00042,2025-01-24,1,2.50,,,true,\n00042,2025-01-31T10:00:00Z,2,0.25,,,false,\n00042,2025-02-01,4,9,,,,\n",
        ),
      });

      expect(await recordsOf(computed)).toEqual([
        {
          id: "00042",
          amount_7d: 0.25,
          counted: "3",
          last_active: "0",
          last_read_at: "2025-01-31T10:00:00.000Z",
          readings_7d: "1",
          event_time: "2025-02-01T00:00:00.000Z",
          write_time: "2025-03-01 12:00:00.25",
          api_invocation_time: "2025-03-01 12:00:00.25",
          is_deleted: false,
        },
      ]);
      expect(computed.columns).toEqual([
        { name: "id", type: "VARCHAR" },
        { name: "amount_7d", type: "DOUBLE" },
        { name: "counted", type: "BIGINT" },
        { name: "last_active", type: "BIGINT" },
        { name: "last_read_at", type: "VARCHAR" },
        { name: "readings_7d", type: "BIGINT" },
        { name: "event_time", type: "VARCHAR" },
        { name: "write_time", type: "TIMESTAMP" },
        { name: "api_invocation_time", type: "TIMESTAMP" },
        { name: "is_deleted", type: "BOOLEAN" },
      ]);
    });

    it("counts the events before the as-of and says the youngest of them", async () => {
      const computed = await compute({
        events: await events(
          "m1,2025-01-01,1,1,,,,\nm1,2025-01-31T23:59:59.999Z,1,1,,,,\nm1,2025-02-01,1,1,,,,\nm2,2025-02-01,1,1,,,,\n",
        ),
      });

      expect(computed).toMatchObject({
        recordCount: 1,
        eventCount: 2,
        greatestEventTimeMs: at("2025-01-31T23:59:59.999Z"),
        brokenIdentifierCount: 0,
      });
    });

    it("gives no files and no records where there are no events", async () => {
      expect(await compute({})).toMatchObject({
        files: [],
        recordCount: 0,
        eventCount: 0,
        greatestEventTimeMs: undefined,
      });
    });

    it("sorts by hot-store tag, then by the bytes of the identifier, over all files, no more rows in each than asked", async () => {
      const computed = await compute({
        events: await many(10_000),
        rowsPerFile: 6_000,
        rowsPerRowGroup: 2_048,
      });

      const ids = (await recordsOf(computed)).map(({ id }) => String(id));
      const sorted = ids
        .map((id) => ({ id, tag: harness.pseudonymiser.pseudonym("meter", id).slice(0, 3) }))
        .sort((a, b) =>
          a.tag === b.tag ? Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)) : a.tag < b.tag ? -1 : 1,
        );
      expect(ids).toEqual(sorted.map(({ id }) => id));
      expect(new Set(ids).size).toBe(10_000);
      expect(computed.files.map(({ rowCount }) => rowCount)).toEqual([6_000, 4_000]);
      expect(await rowGroupsOf(harness, computed.files[0]?.key ?? "")).toEqual([2_048, 2_048, 1_904]);
    });

    it("gives the same bytes for the same job, over what an earlier try left", async () => {
      const job = {
        events: [...(await many(20_000)), ...(await many(15_000))],
        rowsPerFile: 9_000,
        rowsPerRowGroup: 4_096,
      };
      const etags = async () =>
        (await harness.objects.list("offline/1/")).map(({ key, etag }) => [key, etag]);

      await compute({ ...job, rowsPerFile: 4_000 });
      const first = await compute(job);
      const before = await etags();
      await compute(job);

      expect(before.map(([key]) => key)).toEqual(first.files.map(({ key }) => key));
      expect(await etags()).toEqual(before);
    });

    it("leaves out the events of suppressed subjects, by record and by subject column", async () => {
      const suppressed = (of: string, id: string, until: string | undefined) => ({
        entity: of,
        pseudonym: harness.pseudonymiser.pseudonym(of, id),
        untilMs: until === undefined ? undefined : at(until),
      });

      const computed = await compute({
        group: meterVisits,
        events: await visit(1, [
          ...[",m1,2025-01-01,1,x", ",m1,2025-01-02,10,x", ",m2,2025-01-01,1,x", ",m3,2025-01-01,1,x"],
          ...[",m4,2025-01-01,1,ann", ",m4,2025-01-01,10,bob"],
        ]),
        suppressions: [
          suppressed("meter", "m1", "2025-01-01"),
          suppressed("meter", "m2", undefined),
          suppressed("person", "ann", "2025-01-31"),
        ],
      });

      const counted = (await recordsOf(computed)).map(({ id, counted }) => [id, counted]);
      expect(counted.sort()).toEqual([
        ["m1", "10"],
        ["m3", "1"],
        ["m4", "10"],
      ]);
      expect(computed.eventCount).toBe(3);
    });

    it("takes of two events with one id the one of the later commit, then the later row, even if that is past the as-of", async () => {
      const computed = await compute({
        group: meterVisits,
        events: [
          ...(await visit(2, [
            "v1,m1,2025-01-01,100,x",
            "v2,m2,2025-01-01,5,x",
            ",m3,2025-01-01,1,x",
            ",m3,2025-01-01,1,x",
          ])),
          ...(await visit(1, [
            "v1,m1,2025-01-01,1,x",
            "v3,m1,2025-01-01,10,x",
            "v3,m1,2025-01-01,20,x",
            "v2,m2,2025-01-01,7,x",
          ])),
          ...(await visit(3, ["v2,m2,2025-02-01,5,x"])),
        ],
      });

      const records = (await recordsOf(computed)).map(({ id, visits, counted }) => [id, visits, counted]);
      expect(records.sort()).toEqual([
        ["m1", "2", "120"],
        ["m3", "2", "2"],
      ]);
    });

    it("says of each feature how often it is absent, its least and greatest number, and how many are inexact", async () => {
      const most = "9007199254740991";

      const computed = await compute({
        events: await events(
          `m1,2025-01-31,${most},2.50,,,,\nm1,2025-01-31,1,-1.00,,,,\nm2,2025-01-01,-7,1,,,,\n`,
        ),
      });

      expect(computed.statistics).toEqual([
        { feature: "amount_7d", absentCount: 1, min: 1.5, max: 1.5, inexactCount: 0 },
        { feature: "counted", absentCount: 0, min: -7, max: 2 ** 53, inexactCount: 1 },
        { feature: "last_active", absentCount: 2, min: undefined, max: undefined, inexactCount: 0 },
        { feature: "last_read_at", absentCount: 0, min: undefined, max: undefined, inexactCount: 0 },
        { feature: "readings_7d", absentCount: 0, min: 0, max: 2, inexactCount: 0 },
      ]);
    });

    it("says nothing of the values where one does not fit, only which group failed", async () => {
      const row = `qwjxkvzpmtrhbnfd,2025-01-31,${Number.MAX_SAFE_INTEGER},1,,,,\n`;
      const given = await events(row.repeat(1_100));

      const error: unknown = await compute({ events: given }).then(
        () => undefined,
        (reason: unknown) => reason,
      );

      expect(error).toBeInstanceOf(DataRejectedError);
      expect(inspect(error, { depth: 10 })).toMatch(/"meter-readings".*does not fit/);
      expect(inspect(error, { depth: 10 })).not.toMatch(/qwjxkvzpmtrhbnfd|[0-9]{10}/);
    });
  });
}
