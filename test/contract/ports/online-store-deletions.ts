// The rules of OnlineStore for listing and deleting: only what is older goes, and a refusal says so.

import { type FeatureGroup, type OnlineStore, toEpochMs } from "@steward/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";
import type { OnlineStoreHarness } from "./online-store.ts";

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const MODES = ["soft", "hard"] as const;

export function describeOnlineStoreDeletions(name: string, start: () => Promise<OnlineStoreHarness>): void {
  describe(`${name} as an OnlineStore that is listed and deleted from`, () => {
    let harness: OnlineStoreHarness;
    let store: OnlineStore;
    let groups = 0;
    beforeAll(async () => {
      harness = await start();
      store = harness.store;
      await harness.setClock(NOW_MS);
    });
    afterAll(() => harness.close());

    /** A group of its own for each test. */
    async function ensured(options: Parameters<typeof aFeatureGroup>[0] = {}): Promise<FeatureGroup> {
      groups += 1;
      const group = aFeatureGroup({ name: `group-${groups}`, ...options });
      await store.ensureGroup(group);
      return group;
    }
    const remove = (group: FeatureGroup, recordId: string, mode: "soft" | "hard", eventTimeMs: number) =>
      store.delete(group, recordId, { mode, eventTimeMs: toEpochMs(eventTimeMs) });
    const idsIn = async (group: FeatureGroup, includeSoftDeleted?: boolean) => {
      const ids: string[] = [];
      const options = includeSoftDeleted === undefined ? {} : { includeSoftDeleted };
      for await (const page of store.list(group, options)) ids.push(...page);
      return ids.sort();
    };

    it("lists every identifier once, over many pages", async () => {
      const group = await ensured();
      const ids = Array.from({ length: 257 }, (_, index) => String(index).padStart(5, "0"));
      await store.write(
        group,
        ids.map((recordId) => aRecord({ recordId })),
      );

      expect(await idsIn(group)).toEqual(ids);
    });

    it("lists nothing of a group without records", async () => {
      expect(await idsIn(await ensured())).toEqual([]);
    });

    it("lists on through throttles and errors", async () => {
      const group = await ensured();
      const ids = Array.from({ length: 450 }, (_, index) => `r${String(index).padStart(3, "0")}`);
      await store.write(
        group,
        ids.map((recordId) => aRecord({ recordId })),
      );
      await harness.setFaults({ throttleRate: 0.25, errorRate: 0.2, seed: 5 });

      const listed = await idsIn(group);
      await harness.setFaults({});

      expect(listed).toEqual(ids);
    });

    it.each(MODES)("deletes %s what is older, and refuses what is as new or newer", async (mode) => {
      const group = await ensured();
      await store.write(
        group,
        [9, 10, 50].map((eventTimeMs) => aRecord({ recordId: `at ${eventTimeMs}/é`, eventTimeMs })),
      );

      const outcomes = [
        await remove(group, "at 9/é", mode, 10),
        await remove(group, "at 10/é", mode, 10),
        await remove(group, "at 50/é", mode, 10),
      ];

      expect(outcomes).toEqual(["deleted", "refused", "refused"]);
      expect(await idsIn(group)).toEqual(["at 10/é", "at 50/é"]);
    });

    it.each(MODES)("counts a record that is not there as deleted %s", async (mode) => {
      expect(await remove(await ensured(), "nobody", mode, 10)).toBe("deleted");
    });

    it.each(MODES)("deletes %s on through throttles and errors", async (mode) => {
      const group = await ensured();
      const ids = Array.from({ length: 8 }, (_, index) => `r${index}`);
      await store.write(
        group,
        ids.map((recordId) => aRecord({ recordId })),
      );
      await harness.setFaults({ throttleRate: 0.2, errorRate: 0.1, seed: 11 });

      const outcomes = [];
      for (const recordId of ids) outcomes.push(await remove(group, recordId, mode, 2_000));
      await harness.setFaults({});

      expect(new Set(outcomes)).toEqual(new Set(["deleted"]));
      expect(await idsIn(group)).toEqual([]);
    });

    it("shows a softly deleted identifier only to those who ask for it", async () => {
      const group = await ensured();
      await store.write(group, [aRecord({ eventTimeMs: 5 })]);
      await remove(group, "00042", "soft", 10);

      expect(await idsIn(group)).toEqual([]);
      expect(await idsIn(group, false)).toEqual([]);
      expect(await idsIn(group, true)).toEqual(["00042"]);
    });

    it("keeps out, after a soft deletion, what is not newer, and takes what is", async () => {
      const group = await ensured();
      await store.write(group, [aRecord({ eventTimeMs: 5 })]);
      await remove(group, "00042", "soft", 10);

      await store.write(group, [aRecord({ eventTimeMs: 9 })]);
      const older = await store.read(group, ["00042"]);
      await store.write(group, [aRecord({ eventTimeMs: 11 })]);

      expect(older).toEqual([undefined]);
      expect(await store.read(group, ["00042"])).toEqual([aRecord({ eventTimeMs: 11 })]);
    });

    it("leaves not even the identifier after a hard deletion newer than the soft one", async () => {
      const group = await ensured();
      await store.write(group, [aRecord({ eventTimeMs: 5 })]);
      await remove(group, "00042", "soft", 10);

      expect(await remove(group, "00042", "hard", 11)).toBe("deleted");
      expect(await idsIn(group, true)).toEqual([]);
    });

    it("refuses a hard deletion that a newer soft one outranks, for its identifier is still there", async () => {
      const group = await ensured();
      await store.write(group, [aRecord({ eventTimeMs: 5 })]);
      await remove(group, "00042", "soft", 50);

      expect(await remove(group, "00042", "hard", 10)).toBe("refused");
      expect(await idsIn(group, true)).toEqual(["00042"]);
    });

    it("neither reads nor lists an expired record, and deletes it", async () => {
      const group = await ensured({ ttl: "1 day" });
      await store.write(group, [aRecord({ eventTimeMs: NOW_MS - DAY_MS })]);

      expect(await store.read(group, ["00042"])).toEqual([undefined]);
      expect(await idsIn(group)).toEqual([]);
      expect(await remove(group, "00042", "hard", NOW_MS)).toBe("deleted");
    });
  });
}
