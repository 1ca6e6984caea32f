// Decides in which order the concerns of a stage are built, and what a deployment prints.

import { thisAccount } from "./account.ts";
import { setDefaults } from "./defaults.ts";
import { createHot } from "./hot.ts";
import { createKeys } from "./keys.ts";
import { createLedger } from "./ledger.ts";
import { functionName } from "./names.ts";
import { createNetwork } from "./network.ts";
import { createOnline } from "./online.ts";
import { createOperations } from "./operations.ts";
import { createPages } from "./pages.ts";
import { createQueues } from "./queues.ts";
import { createSecrets } from "./secrets.ts";
import { stageSettings } from "./settings.ts";
import { createStorage } from "./storage.ts";
import { createStreams } from "./streams.ts";
import { createTenancy } from "./tenancy.ts";
import { watchedByName } from "./watched.ts";

export function build() {
  setDefaults();
  const settings = stageSettings($app.stage);
  const { isProd } = settings;
  const keys = createKeys(isProd);
  createSecrets(isProd, keys.data);
  createLedger(isProd, keys.data);
  createStreams(settings.streams.retentionHours, isProd, keys.data);
  createQueues(settings, keys.data);
  const network = createNetwork(settings.zones);
  const storage = createStorage(settings.storage, isProd, keys);
  const online = createOnline({ isProd, keyOf: keys.group, data: storage.data, dataKey: keys.data });
  const hot = createHot({
    isProd,
    settings: settings.hot,
    key: keys.data,
    subnetIds: network.subnetIds,
    cacheGroupId: network.cacheGroup.id,
  });
  createTenancy({ hot, online, keyOf: keys.group });
  const pages = createPages(settings.paging);
  const attendant = functionName("upkeep/attend-alarms");
  const operations = createOperations(
    settings,
    pages,
    watchedByName(settings.hot),
    {
      featureGroupArns: online.names.map((name) => online.group(name).arn),
      bucketArns: Object.values(storage).map(({ arn }) => arn),
    },
    { name: attendant, arn: thisAccount().arn("lambda", `function:${attendant}`) },
  );
  return { dataBucket: storage.data.bucket, incomingBucket: storage.incoming.bucket, ...operations };
}
