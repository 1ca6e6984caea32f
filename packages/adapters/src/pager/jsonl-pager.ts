// Decides how a person is told on a laptop: one JSON line a page, appended to a file, and a word to whoever asked to hear.

import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, type Page, type Pager, toIso } from "@steward/core";

export interface JsonlPagerOptions {
  readonly file: string;
  readonly clock: Clock;
  /** Called after a page that was not sent before. */
  readonly onPage?: (page: Page) => void;
}

export class JsonlPager implements Pager {
  readonly #options: JsonlPagerOptions;

  constructor(options: JsonlPagerOptions) {
    this.#options = options;
  }

  /** Pages are few: the file is read whole. */
  async page(page: Page): Promise<void> {
    const { file, clock, onPage } = this.#options;
    const before = await readFile(file, "utf8").catch(() => "");
    if (before.split("\n").some((line) => isOf(line, page.pageId))) return;
    const { pageId, incidentId, group, subject, text, runbook } = page;
    const line = { at: toIso(clock.now()), pageId, incidentId, group, subject, text, runbook };
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const begin = before === "" || before.endsWith("\n") ? "" : "\n";
    await appendFile(file, `${begin}${JSON.stringify(line)}\n`, { mode: 0o600 });
    onPage?.(page);
  }
}

/** A line that a kill cut short is no page. */
function isOf(line: string, pageId: string): boolean {
  try {
    return (JSON.parse(line) as { pageId?: unknown }).pageId === pageId;
  } catch {
    return false;
  }
}
