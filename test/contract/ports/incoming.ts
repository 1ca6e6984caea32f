// The rules of the port Incoming, for every adapter.

import type { Incoming } from "@steward/core";
import { beforeEach, describe, expect, it } from "vitest";

export interface IncomingHarness {
  readonly incoming: Incoming;
  /** Hands in a whole file; the full path or key that it is known by. */
  handIn(source: string, name: string, text: string): Promise<string>;
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
      const name = await harness.handIn("orders", "a.csv", "id\n1\n");
      await harness.handIn("visits", "b.csv", "id\n");

      const files = await harness.incoming.list("orders");

      expect(files).toEqual([{ name, sizeBytes: 5, modifiedAtMs: expect.any(Number) }]);
    });

    it("does not list the files of a source whose name begins alike", async () => {
      await harness.handIn("orders-old", "a.csv", "id\n1\n");

      expect(await harness.incoming.list("orders")).toEqual([]);
    });

    it("passes over beginnings (.a.csv, a.csv.part), empty files, other names and what lies deeper", async () => {
      for (const name of [".a.csv", "a.csv.part", "notes.txt", "deeper/a.csv"])
        await harness.handIn("orders", name, "id\n1\n");
      await harness.handIn("orders", "empty.csv", "");
      const whole = await harness.handIn("orders", "b.csv", "id\n1\n");

      expect((await harness.incoming.list("orders")).map(({ name }) => name)).toEqual([whole]);
    });

    it("lists the oldest first, and those of one time by name", async () => {
      for (const name of ["b.csv", "é.csv", "a.csv"]) await harness.handIn("orders", name, "id\n1\n");

      const files = await harness.incoming.list("orders");

      const order = files.map(({ name, modifiedAtMs }) => ({ name, modifiedAtMs }));
      expect(order).toHaveLength(3);
      expect(order).toEqual(
        [...order].sort(
          (left, right) => left.modifiedAtMs - right.modifiedAtMs || (left.name < right.name ? -1 : 1),
        ),
      );
    });

    it("shows by size or time that a file was replaced", async () => {
      await harness.handIn("orders", "a.csv", "id\n1\n");
      const [before] = await harness.incoming.list("orders");
      await harness.handIn("orders", "a.csv", "id\n22\n");

      const [after] = await harness.incoming.list("orders");

      expect(after?.name).toBe(before?.name);
      expect(after).not.toEqual(before);
    });
  });
}
