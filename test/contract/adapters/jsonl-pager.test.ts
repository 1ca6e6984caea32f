// Pages as lines of a file.

import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { JsonlPager } from "@steward/adapters";
import { type Page, toEpochMs } from "@steward/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { aPage, describePager } from "../ports/pager.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

const clock = { now: () => toEpochMs(Date.UTC(2026, 10, 25, 3)) };

function aFile(): string {
  const folder = makeTemporaryFolder();
  onTestFinished(() => removeFolder(folder));
  return join(folder, "state", "pages.jsonl");
}

const linesOf = (file: string) => readFileSync(file, "utf8").trimEnd().split("\n");

function pagesIn(file: string): readonly Page[] {
  return linesOf(file).map((line) => {
    const { at: _, ...page } = JSON.parse(line);
    return page;
  });
}

describePager("JsonlPager", async () => {
  const file = aFile();
  return { pager: new JsonlPager({ file, clock }), received: async () => pagesIn(file) };
});

describe("JsonlPager", () => {
  it("dates a page by the platform's clock, in a file for its owner alone", async () => {
    const file = aFile();

    await new JsonlPager({ file, clock }).page(aPage());

    expect(JSON.parse(linesOf(file)[0] ?? "").at).toBe("2026-11-25T03:00:00.000Z");
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it("sends the same page once, over instances, and calls nobody for the second", async () => {
    const file = aFile();
    const heard: string[] = [];
    const aPager = () => new JsonlPager({ file, clock, onPage: ({ pageId }) => heard.push(pageId) });

    await aPager().page(aPage());
    await aPager().page(aPage({ text: "again" }));

    expect(linesOf(file)).toHaveLength(1);
    expect(heard).toEqual(["i1 source-silent page"]);
  });

  it("begins a line of its own after one that a kill cut short", async () => {
    const file = aFile();
    await new JsonlPager({ file, clock }).page(aPage({ pageId: "first" }));
    appendFileSync(file, '{"at":"2026-11-25T03:00:00.000Z","pageId":"sec');

    await new JsonlPager({ file, clock }).page(aPage({ pageId: "second" }));

    expect(linesOf(file)).toHaveLength(3);
    expect(JSON.parse(linesOf(file)[2] ?? "")).toMatchObject({ pageId: "second" });
  });
});
