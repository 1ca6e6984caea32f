// Decides in which order the concerns of a stage are built, and what a deployment prints.

import { createApi } from "./api.ts";
import { createFunctions } from "./functions.ts";
import { createBatchJobs } from "./glue.ts";
import { createHot } from "./hot.ts";
import { createKeys } from "./keys.ts";
import { createLedger } from "./ledger.ts";
import { createNetwork } from "./network.ts";
import { createOnline } from "./online.ts";
import { createOperations } from "./operations.ts";
import { createPages } from "./pages.ts";
import { createQueues } from "./queues.ts";
import { createSchedules } from "./schedules.ts";
import { createSecrets } from "./secrets.ts";
import { stageSettings } from "./settings.ts";
import { createStorage } from "./storage.ts";
import { createStreams } from "./streams.ts";
import { createTenancy } from "./tenancy.ts";
import { watchedByName } from "./watched.ts";
import { createWorkers } from "./workers.ts";
import { createWorkflows } from "./workflows.ts";

export function build() {
  const settings = stageSettings($app.stage);
  const { isProd } = settings;
  const keys = createKeys(isProd);
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
  const queues = createQueues(settings, keys.data);
  const functions = createFunctions(settings, network, {
    keys,
    secrets: createSecrets(isProd, keys.data),
    ledger: createLedger(isProd, keys.data),
    streams: createStreams(settings.streams.retentionHours, isProd, keys.data),
    queues,
    storage,
    online,
    hot,
    pages,
  });
  createWorkers(functions, queues);
  createSchedules(functions);
  const { logDays } = settings.functions;
  createWorkflows(
    functions,
    createBatchJobs({ code: storage.code, codeKey: keys.data, ...functions }),
    logDays,
  );
  const { api } = createApi(functions, { ...settings.api, logDays });
  const operations = createOperations(
    settings,
    pages,
    { ...watchedByName(settings.hot), apiId: api.id },
    {
      featureGroupArns: online.names.map((name) => online.group(name).arn),
      bucketArns: Object.values(storage).map(({ arn }) => arn),
    },
    functions.get("upkeep/attend-alarms"),
  );
  return {
    api: api.apiEndpoint,
    dataBucket: storage.data.bucket,
    incomingBucket: storage.incoming.bucket,
    ...operations,
  };
}
