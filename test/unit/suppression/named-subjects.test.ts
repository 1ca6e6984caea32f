// Whom a record is about beside its own subject: what is dropped because of whom it names, and what the hot store may hold.

import { HmacPseudonymiser } from "@steward/adapters";
import {
  findSuppressed,
  type Ledger,
  suppressionPartition,
  tagOf,
  toHotRecord,
  writeRecords,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord, aSessionGroup } from "../../support/builders.ts";
import { aLedger } from "../../support/durable-stores.ts";
import { aWritePath, NOW, type WritePath } from "../../support/write-path.ts";

const pseudonymiser = new HmacPseudonymiser(new Uint8Array(32).fill(7));
const sessions = aSessionGroup();
const ada = pseudonymiser.pseudonym("customer", "ada");
const session = (recordId: string, customerId: string | undefined, eventTimeMs = 1_000) =>
  aRecord({
    recordId,
    eventTimeMs,
    features: { last_channel: "ada", ...(customerId === undefined ? {} : { customer_id: customerId }) },
  });
const keyed = (record: ReturnType<typeof session>) => ({
  record,
  pseudonym: pseudonymiser.pseudonym("session", record.recordId),
});

async function suppress(ledger: Ledger, entityName: string, identifier: string, untilMs: number | null) {
  const pseudonym = pseudonymiser.pseudonym(entityName, identifier);
  const partition = suppressionPartition(entityName, tagOf(pseudonym));
  await ledger.put({ partition, sort: pseudonym }, { untilMs, pending: null }, "absent");
}

describe("toHotRecord", () => {
  it("puts a pseudonym where a record names a subject, and leaves every other feature as it is", () => {
    expect(toHotRecord(pseudonymiser, sessions, session("s1", "ada"))).toEqual({
      recordId: "s1",
      eventTimeMs: 1_000,
      features: { customer_id: ada, last_channel: "ada" },
    });
  });

  it("leaves a record alone that names nobody", () => {
    const record = session("s1", undefined);

    expect(toHotRecord(pseudonymiser, sessions, record)).toEqual(record);
    expect(toHotRecord(pseudonymiser, aFeatureGroup(), session("s1", "ada")).features.customer_id).toBe(
      "ada",
    );
  });
});

describe("findSuppressed", () => {
  it("finds the records that name a suppressed subject and are dated at or before its T", async () => {
    const ledger = aLedger();
    await suppress(ledger, "customer", "ada", 1_000);
    const records = [
      session("s1", "ada", 999),
      session("s2", "ada", 1_000),
      session("s3", "ada", 1_001),
      session("s4", "bea", 1_000),
      session("s5", undefined, 1_000),
      session("ada", "bea", 1_000),
    ].map(keyed);

    expect(await findSuppressed({ ledger, pseudonymiser }, sessions, records)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("finds every record that names a subject whose suppression has no time yet", async () => {
    const ledger = aLedger();
    await suppress(ledger, "customer", "ada", null);

    expect(
      await findSuppressed({ ledger, pseudonymiser }, sessions, [keyed(session("s1", "ada", 9e12))]),
    ).toEqual([true]);
  });

  it("finds the records that are the suppressed subject's own", async () => {
    const ledger = aLedger();
    await suppress(ledger, "session", "s1", 1_000);

    const records = [session("s1", "bea"), session("s2", "bea")].map(keyed);

    expect(await findSuppressed({ ledger, pseudonymiser }, sessions, records)).toEqual([true, false]);
  });
});

describe("writeRecords, of a group whose rows name somebody", () => {
  it("drops what names a suppressed subject, and gives the hot store no identifier", async () => {
    const hot: unknown[] = [];
    const online: unknown[] = [];
    const records = [session("s1", "ada", NOW), session("s2", "bea", NOW)];
    const path = await aWritePath({ records, group: sessions });
    const ports = spied(path, hot, online);
    await suppress(path.ledger, "customer", "ada", NOW);

    const { counts } = await writeRecords(ports, sessions, records, {
      deadlineMs: Number.POSITIVE_INFINITY,
      targets: ["online", "hot"],
    });

    expect(counts.overall).toMatchObject({ planned: 2, written: 1, suppressed: 1 });
    expect(hot).toEqual([pseudonymiser.pseudonym("customer", "bea")]);
    expect(online).toEqual(["bea"]);
  });
});

/** Notes whom the records name that come to the stores. */
function spied({ ports }: WritePath, hot: unknown[], online: unknown[]): WritePath["ports"] {
  return {
    ...ports,
    hotStore: {
      ...ports.hotStore,
      async write(_, keyedRecords) {
        hot.push(...keyedRecords.map(({ record }) => record.features.customer_id));
        return keyedRecords.map(() => "written");
      },
    },
    onlineStore: {
      ...ports.onlineStore,
      async write(_, written) {
        online.push(...written.map(({ features }) => features.customer_id));
        return written.map(() => ({ kind: "written" }));
      },
    },
  };
}
