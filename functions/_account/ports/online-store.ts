// Opens the online store.

import { createFeatureStoreClients, SageMakerOnlineStore } from "@steward/adapters";
import { variable } from "../environment.ts";
import { once } from "../once.ts";

export const open = once(
  async () =>
    new SageMakerOnlineStore({
      ...createFeatureStoreClients(),
      placement: { offlineUri: variable("OFFLINE_URI"), roleArn: variable("FEATURE_STORE_ROLE") },
    }),
);
