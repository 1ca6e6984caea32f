// Where a group lies, once it was created, and that neither owner nor entity can be changed under it.

import {
  entity,
  type FeatureGroup,
  getPlace,
  InvalidInputError,
  mean,
  NotFoundError,
  type OnlineStore,
  toEpochMs,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { ensurePlace } from "../../../packages/core/src/ledger/group-place.ts";
import { aFeatureGroup } from "../../support/builders.ts";
import { aLedger } from "../../support/durable-stores.ts";

/** An online store of which only the creation of groups is asked; it notes which. */
function creatingStore(offlineUri: string | undefined = "s3://bucket/offline/customer-orders-1/data") {
  const created: FeatureGroup[] = [];
  const ensureGroup: OnlineStore["ensureGroup"] = async (group) => {
    created.push(group);
    return { offlineUri, createdAtMs: toEpochMs(0) };
  };
  return { created, store: { ensureGroup } as OnlineStore };
}

describe("ensurePlace", () => {
  it("creates a group once and says from then on where it lies", async () => {
    const ledger = aLedger();
    const { created, store } = creatingStore();

    const places = [
      await ensurePlace(ledger, store, aFeatureGroup()),
      await ensurePlace(ledger, store, aFeatureGroup()),
      await getPlace(ledger, "customer-orders"),
    ];

    expect(places).toEqual(Array(3).fill({ offlinePrefix: "offline/customer-orders-1/" }));
    expect(created).toHaveLength(1);
  });

  it("asks Feature Store again when the features have changed", async () => {
    const ledger = aLedger();
    const { created, store } = creatingStore();
    await ensurePlace(ledger, store, aFeatureGroup());

    await ensurePlace(ledger, store, aFeatureGroup({ features: { spend: mean("amount") } }));

    expect(created).toHaveLength(2);
  });

  it.each([
    ["owner", { owner: "sales" }],
    ["entity", { entity: entity("client", { key: "customer_id" }) }],
    ["owner, with other features", { owner: "sales", features: { spend: mean("amount") } }],
  ])("refuses another %s and keeps the first", async (_, overrides) => {
    const ledger = aLedger();
    const { created, store } = creatingStore();
    await ensurePlace(ledger, store, aFeatureGroup());

    await expect(ensurePlace(ledger, store, aFeatureGroup(overrides))).rejects.toThrow(InvalidInputError);

    expect(created).toHaveLength(1);
  });

  it("refuses a group without an offline store", async () => {
    const ledger = aLedger();
    const store = { ensureGroup: async () => ({ offlineUri: undefined, createdAtMs: toEpochMs(0) }) };

    await expect(ensurePlace(ledger, store as unknown as OnlineStore, aFeatureGroup())).rejects.toThrow(
      'group "customer-orders" has no offline store',
    );
    await expect(getPlace(ledger, "customer-orders")).rejects.toThrow(NotFoundError);
  });
});
