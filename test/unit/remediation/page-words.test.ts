// What a page says to a person.

import { type Definitions, type Incident, toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import { toPage } from "../../../packages/core/src/remediation/page-words.ts";
import { aFeatureGroup } from "../../support/builders.ts";

const group = aFeatureGroup();
const definitions = { list: () => [group] } as unknown as Definitions;
const atMs = toEpochMs(Date.UTC(2026, 10, 25, 3));

function anIncident(given: Partial<Incident> = {}): Incident {
  return {
    incidentId: "i1",
    group: group.name,
    alarms: [`freshness-${group.name}-offline`],
    cleared: [],
    pages: [],
    lookedAtMs: atMs,
    status: "open",
    diagnosis: { kind: "source-silent", reason: 'source "orders" has sent nothing for 3 h' },
    decisions: [
      {
        atMs,
        diagnosis: "source-silent",
        kind: "page",
        what: "page a person",
        reason: 'source "orders" has sent nothing for 3 h; whoever sends the events must look',
      },
    ],
    course: null,
    runs: [],
    openedAtMs: atMs,
    closedAtMs: null,
    executionRun: "i1",
    ...given,
  };
}

describe("toPage", () => {
  it("says what, since when, what was tried and what to do, and where to read on", () => {
    expect(toPage(definitions, anIncident())).toEqual({
      pageId: "i1 source-silent page",
      incidentId: "i1",
      group: group.name,
      subject: `group ${group.name} (owner ${group.owner}): the source is silent`,
      text: [
        'What: source "orders" has sent nothing for 3 h; whoever sends the events must look.',
        `Since: 2026-11-25T03:00:00.000Z (freshness-${group.name}-offline).`,
        "Tried: nothing.",
        "To do: Ask whoever sends the events. Do not refresh: it would give old data a new date and no new value. Once events come, the schedule takes them.",
      ].join("\n"),
      runbook: "docs/runbooks/freshness.md",
    });
  });

  it("lists every remedy that was tried, with its time, and nothing that was only waited for", () => {
    const tried = {
      atMs,
      diagnosis: "hot-behind",
      kind: "rebuild",
      what: "rebuild the hot store",
      reason: "r",
    };
    const waited = { atMs, diagnosis: "run-at-work", kind: "wait", what: "wait for run r1", reason: "r" };
    const { decisions } = anIncident();

    const { text } = toPage(definitions, anIncident({ decisions: [waited, tried, ...decisions] }));

    expect(text).toContain("Tried: rebuild the hot store (2026-11-25T03:00:00.000Z).");
  });

  it("speaks of the platform where no group is concerned, and knows a group that is declared no more", () => {
    const platform = anIncident({ group: null, diagnosis: { kind: "checker-broken", reason: "quiet" } });

    expect(toPage(definitions, platform)).toMatchObject({
      subject: "the platform: the freshness checker does not report",
      runbook: "docs/runbooks/freshness-checker.md",
    });
    expect(toPage(definitions, anIncident({ group: "gone" })).subject).toBe(
      "group gone: the source is silent",
    );
  });

  it("has another id for another thing, and the same for the same", () => {
    const again = anIncident({ openedAtMs: toEpochMs(atMs + 1) });
    const other = anIncident({ diagnosis: { kind: "run-failed", reason: "r" } });

    expect(toPage(definitions, again).pageId).toBe(toPage(definitions, anIncident()).pageId);
    expect(toPage(definitions, other).pageId).not.toBe(toPage(definitions, anIncident()).pageId);
  });
});
