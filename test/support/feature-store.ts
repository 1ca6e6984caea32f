// Starts a Feature Store emulator of a test's own, in its process, and builds the store and the clients that reach it.

import { createFeatureStoreClients, type FeatureStoreClients, SageMakerOnlineStore } from "@steward/adapters";
import { type FeatureStoreOptions, startFeatureStore } from "steward-feature-store";

/** Shares from 0 to 1; those left out are 0. */
export interface FeatureStoreFaults {
  readonly throttleRate?: number;
  readonly errorRate?: number;
  readonly partialBatchRate?: number;
  readonly seed?: number;
}

export interface TestFeatureStore {
  readonly url: string;
  readonly clients: FeatureStoreClients;
  readonly store: SageMakerOnlineStore;
  /** Stops the emulator's clock at this instant. */
  setClock(nowMs: number): Promise<void>;
  /** Replaces the faults of all groups; none given: no faults. */
  setFaults(faults: FeatureStoreFaults): Promise<void>;
  close(): Promise<void>;
}

const CREDENTIALS = { accessKeyId: "tests", secretAccessKey: "tests" };
const PLACEMENT = { offlineUri: "s3://tests/offline", roleArn: "arn:aws:iam::000000000000:role/tests" };

/** In memory, on a free port; a group takes a few milliseconds to be created, as on AWS it takes minutes. */
export async function startFeatureStoreForTests(
  options: FeatureStoreOptions = {},
): Promise<TestFeatureStore> {
  const emulator = await startFeatureStore({ creationDelayMs: 10, ...options });
  const clients = clientsAt(emulator.url);
  return {
    url: emulator.url,
    clients,
    store: storeOn(clients),
    setClock: (nowMs) => put(emulator.url, "clock", { nowMs }),
    setFaults: (faults) => put(emulator.url, "faults", faults),
    close: async () => {
      clients.runtime.destroy();
      (await clients.control()).destroy();
      await emulator.close();
    },
  };
}

export function clientsAt(endpoint: string, requestTimeoutMs = 5_000): FeatureStoreClients {
  return createFeatureStoreClients({
    endpoint,
    region: "us-east-1",
    credentials: CREDENTIALS,
    requestTimeoutMs,
  });
}

export function storeOn(clients: FeatureStoreClients, groupWaitMs = 5_000): SageMakerOnlineStore {
  return new SageMakerOnlineStore({ ...clients, placement: PLACEMENT, groupWaitMs });
}

async function put(url: string, path: string, body: object): Promise<void> {
  const reply = await fetch(`${url}/_steward/${path}`, { method: "PUT", body: JSON.stringify(body) });
  if (!reply.ok) throw new Error(`the emulator answered ${reply.status} to ${path}`);
}
