// The rules of HotStore.removeNamed: what names a subject and is old enough goes, if it is still what was read.

import { type HotStore, latest, type Pseudonym, tagOf, toEpochMs } from "@steward/core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";
import { type HotStoreHarness, pseudonymOf } from "./hot-store.ts";

const NOW_MS = toEpochMs(1_000_000_000_000);
/** The builder's group; its text feature plays the subject column. */
const group = aFeatureGroup({ name: "customer-sessions" });
const COLUMN = "last_channel";
const ada = pseudonymOf("ada");
const bea = pseudonymOf("bea");

export function describeNamedRemoval(name: string, start: () => Promise<HotStoreHarness>): void {
  describe(`${name} as a HotStore, removing what names a subject`, () => {
    let harness: HotStoreHarness;
    let store: HotStore;

    beforeAll(async () => {
      harness = await start();
    });
    beforeEach(async () => {
      await harness.flush();
      store = harness.open();
    });
    afterAll(() => harness.close());

    const write = async (
      record: Pseudonym,
      names: Pseudonym | undefined,
      eventTimeMs: number,
      into = group,
    ) => {
      await store.applyFences(into.owner, tagOf(record), [], []);
      const features = names === undefined ? {} : { [COLUMN]: names };
      return store.write(into, [{ pseudonym: record, record: aRecord({ eventTimeMs, features }) }], NOW_MS);
    };
    const heldOf = async (pseudonyms: readonly Pseudonym[], into = group) =>
      (await store.read(into, pseudonyms)).map((value) => value !== undefined);
    const until = (pseudonym: Pseudonym, untilMs: number) => ({ pseudonym, untilMs: toEpochMs(untilMs) });
    const sessions = (count: number) =>
      Array.from({ length: count }, (_, index) => pseudonymOf(`session ${index}`));

    it("removes the values that name a subject, wherever they lie, and no others", async () => {
      const records = sessions(300);
      for (const [index, record] of records.entries())
        await write(record, index % 3 === 0 ? ada : index % 3 === 1 ? bea : undefined, 1_000);

      const removal = await store.removeNamed(group, COLUMN, [until(ada, 1_000)]);

      expect(removal).toEqual({ lookedAt: 300, removed: 100, newerKept: 0 });
      expect(await heldOf(records)).toEqual(records.map((_, index) => index % 3 !== 0));
    });

    it("takes each subject's own instant: dated at it goes, dated after it stays and is counted", async () => {
      const [atAda, afterAda, atBea] = sessions(3);
      await write(atAda ?? "", ada, 1_000);
      await write(afterAda ?? "", ada, 1_001);
      await write(atBea ?? "", bea, 2_000);

      const removal = await store.removeNamed(group, COLUMN, [until(ada, 1_000), until(bea, 2_000)]);

      expect(removal).toEqual({ lookedAt: 3, removed: 2, newerKept: 1 });
      expect(await heldOf(sessions(3))).toEqual([false, true, false]);
    });

    it("finds nothing the second time, but what was written in between", async () => {
      const [first = "", second = ""] = sessions(2);
      await write(first, ada, 1_000);
      await store.removeNamed(group, COLUMN, [until(ada, 1_000)]);

      expect(await store.removeNamed(group, COLUMN, [until(ada, 1_000)])).toEqual({
        lookedAt: 0,
        removed: 0,
        newerKept: 0,
      });
      expect(await write(second, ada, 900)).toEqual(["written"]);
      expect(await store.removeNamed(group, COLUMN, [until(ada, 1_000)])).toMatchObject({ removed: 1 });
    });

    it("leaves other groups and other owners alone, and the record that is the subject itself", async () => {
      const others = [
        aFeatureGroup({ name: "sessions" }),
        aFeatureGroup({ name: "customer-sessions", owner: "risk" }),
      ];
      const [record = ""] = sessions(1);
      for (const other of others) await write(record, ada, 1_000, other);
      await write(ada, bea, 1_000);

      const removal = await store.removeNamed(group, COLUMN, [until(ada, 1_000)]);

      expect(removal).toEqual({ lookedAt: 1, removed: 0, newerKept: 0 });
      for (const other of others) expect(await heldOf([record], other)).toEqual([true]);
      expect(await heldOf([ada])).toEqual([true]);
    });

    it("reads a value by the version that wrote it", async () => {
      const earlier = aFeatureGroup({ name: group.name, features: { last_channel: latest("channel") } });
      const [record = ""] = sessions(1);
      await write(record, ada, 1_000, earlier);

      const removal = await harness.open([earlier]).removeNamed(group, COLUMN, [until(ada, 1_000)]);

      expect(removal.removed).toBe(1);
    });

    it("asks for nothing when no subject is given", async () => {
      await write(pseudonymOf("session"), ada, 1_000);

      expect(await store.removeNamed(group, COLUMN, [])).toEqual({ lookedAt: 0, removed: 0, newerKept: 0 });
    });
  });
}
