// How a game day is told: the table, the document and the plot, from what was found.

import { toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../scripts/gameday/judge.ts";
import { plotGameday } from "../../../scripts/gameday/plot.ts";
import { toDocument, toMarkdown } from "../../../scripts/gameday/report.ts";

const minute = (count: number) => toEpochMs(Date.UTC(2026, 0, 5, 8, count));
const age = (count: number, minutes: number) => ({
  name: "FreshnessAge",
  value: minutes * 60,
  group: "customer-sales",
  side: "hot",
  atMs: minute(count),
});
const flushed: Verdict = {
  name: "hot-flushed",
  title: 'The hot store is <flushed> & "gone"',
  faultAtMs: minute(2),
  badAtMs: minute(3),
  alarm: "difference-customer-sales-hot",
  alarmAtMs: minute(4),
  periods: 2,
  diagnoses: ["hot-behind"],
  remedies: ["hot-behind: rebuild"],
  pages: ["group a | b: late\nWhat: more"],
  recoveredAtMs: minute(9),
  faults: [],
  points: [age(0, 1), age(1, 2), age(2, 3), age(6, 7), age(7, 8)],
  seen: [{ atMs: minute(4), what: "alarm on", name: "difference", group: "customer-sales", state: "alarm" }],
};
const limits = new Map([["hot-flushed", new Map([["customer-sales", 60]])]]);

describe("the report of a game day", () => {
  it("has one line a fault, whatever stands in a page", () => {
    const lines = toMarkdown([flushed]).split("\n");

    expect(lines.filter((line) => line.startsWith("| The hot"))).toEqual([
      '| The hot store is <flushed> & "gone" | difference-customer-sales-hot | 2 | hot-behind | hot-behind: rebuild | group a / b: late | 7 min | as it must be |',
    ]);
    expect(lines[2]).toBe("Faults: 1. Answered as they must be: 1, not: 0. Times are the platform's.");
  });

  it("says what is not as it must be, and counts it", () => {
    const late = { ...flushed, faults: ["seen in 3 periods"], recoveredAtMs: undefined };

    expect(toMarkdown([late])).toContain("| no | seen in 3 periods |");
    expect(toDocument([flushed, late])).toMatchObject({ passed: 1, failed: 1 });
    expect(JSON.parse(JSON.stringify(toDocument([late]))).scenarios[0]).toMatchObject({
      faultAt: "2026-01-05T08:02:00.000Z",
      recoveredAt: null,
    });
  });
});

describe("the plot of a game day", () => {
  it("breaks the line where a check had no age to tell", () => {
    const lines =
      /<path d="([^"]*)" fill="none" stroke="#cc3311"/.exec(plotGameday([flushed], limits))?.[1] ?? "";

    expect(lines.match(/M/g)).toHaveLength(2);
    expect(lines.match(/L/g)).toHaveLength(3);
  });

  it("marks the fault, the alarm and the close, and takes no title for markup", () => {
    const svg = plotGameday([flushed], limits);

    for (const text of ["fault", "alarm", "closed"]) expect(svg).toContain(`>${text}</text>`);
    expect(svg).toContain("The hot store is &lt;flushed> &amp; &quot;gone&quot;: customer-sales");
    expect(svg).toContain(">60 min</text>");
  });
});
