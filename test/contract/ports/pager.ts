// The rules of the port Pager, for every adapter.

import type { Page, Pager } from "@steward/core";
import { beforeEach, describe, expect, it } from "vitest";

export interface PagerHarness {
  readonly pager: Pager;
  /** What reached a person, first come first. */
  received(): Promise<readonly Page[]>;
}

export const aPage = (given: Partial<Page> = {}): Page => ({
  pageId: "i1 source-silent page",
  incidentId: "i1",
  group: "customer-orders",
  subject: "group customer-orders (owner growth): the source is silent",
  text: "What: nothing came.\nTo do: ask.",
  runbook: "docs/runbooks/freshness.md",
  ...given,
});

export function describePager(name: string, makeHarness: () => Promise<PagerHarness>): void {
  describe(name, () => {
    let harness: PagerHarness;

    beforeEach(async () => {
      harness = await makeHarness();
    });

    it("brings every page whole, in order", async () => {
      await harness.pager.page(aPage());
      await harness.pager.page(aPage({ pageId: "i2 checker-broken page", incidentId: "i2", group: null }));

      expect(await harness.received()).toEqual([
        aPage(),
        aPage({ pageId: "i2 checker-broken page", incidentId: "i2", group: null }),
      ]);
    });

    it("keeps words with line ends and quotes as they are", async () => {
      const text = 'line one\nsource "orders"\n\tlast';

      await harness.pager.page(aPage({ text }));

      expect((await harness.received())[0]?.text).toBe(text);
    });
  });
}
