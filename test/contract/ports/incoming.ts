// The rules of the port Incoming, for every adapter.

import type { Incoming } from "@steward/core";
import { beforeEach, describe, expect, it } from "vitest";

export interface IncomingHarness {
  readonly incoming: Incoming;
  /** Hands in a whole file, changed at that instant; the full path or key that it is known by. */
  handIn(source: string, name: string, text: string, modifiedAtMs: number): Promise<string>;
}

export function describeIncoming(name: string, makeHarness: () => Promise<IncomingHarness>): void {
  describe(name, () => {
    let harness: IncomingHarness;

    beforeEach(async () => {
      harness = await makeHarness();
    });

    it("lists nothing of a source for which nothing was ever handed in", async () => {
      expect(await harness.incoming.list("orders")).toEqual([]);
    });

    it("lists the files of a source alone, under their full names, with size and time", async () => {
      const name = await harness.handIn("orders", "a.csv", "id\n1\n", 1_000);
      await harness.handIn("visits", "b.csv", "id\n", 1_000);

      const files = await harness.incoming.list("orders");

      expect(files).toEqual([{ name, sizeBytes: 5, modifiedAtMs: expect.any(Number) }]);
    });

    it("shows by size or time that a file was replaced", async () => {
      await harness.handIn("orders", "a.csv", "id\n1\n", 1_000);
      const [before] = await harness.incoming.list("orders");
      await harness.handIn("orders", "a.csv", "id\n22\n", 5_000);

      const [after] = await harness.incoming.list("orders");

      expect(after?.name).toBe(before?.name);
      expect(after).not.toEqual(before);
    });
  });
}
