import { createFeatureStoreClients, SageMakerOnlineStore } from "@steward/adapters";
import { startFeatureStore } from "steward-feature-store";
import { describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";
import { describeOnlineStore, type OnlineStoreHarness } from "../ports/online-store.ts";

const PLACEMENT = { offlineUri: "s3://tests/offline", roleArn: "arn:aws:iam::000000000000:role/tests" };
const CREDENTIALS = { accessKeyId: "tests", secretAccessKey: "tests" };

describeOnlineStore("SageMakerOnlineStore", startHarness);

describe("SageMakerOnlineStore", () => {
  it("says that the store cannot be reached when nothing listens, and names no record", async () => {
    const emulator = await startFeatureStore({ port: 0, state: ":memory:" });
    const store = storeAt(emulator.url);
    await emulator.close();

    const writing = store.write(aFeatureGroup(), [aRecord({ recordId: "qzkxvjwpnbtrmylc" })]);

    await expect(writing).rejects.toMatchObject({
      name: "UnavailableError",
      message: "the online store cannot be reached",
    });
  });

  it("calls a record of an unknown group failed, not throttled", async () => {
    const emulator = await startFeatureStore({ port: 0, state: ":memory:" });

    const outcomes = await storeAt(emulator.url).write(aFeatureGroup({ name: "never-made" }), [aRecord()]);

    expect(outcomes).toEqual([{ kind: "failed", reason: "ResourceNotFound" }]);
    await emulator.close();
  });
});

function storeAt(endpoint: string): SageMakerOnlineStore {
  return new SageMakerOnlineStore({
    ...createFeatureStoreClients({ endpoint, region: "us-east-1", credentials: CREDENTIALS }),
    placement: PLACEMENT,
  });
}

async function startHarness(): Promise<OnlineStoreHarness> {
  const emulator = await startFeatureStore({ port: 0, state: ":memory:", creationDelayMs: 10 });
  const admin = async (path: string, body: unknown): Promise<void> => {
    const reply = await fetch(new URL(path, emulator.url), {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`${path} answered ${reply.status}`);
  };
  return {
    store: storeAt(emulator.url),
    setClock: (nowMs) => admin("/_steward/clock", { nowMs }),
    setFaults: (faults) =>
      admin("/_steward/faults", {
        throttleRate: 0,
        errorRate: 0,
        partialBatchRate: 0,
        latencyMs: 0,
        seed: 1,
        ...faults,
      }),
    close: () => emulator.close(),
  };
}
