// Decides in which order the concerns of a stage are built, and what a deployment prints.

import { thisAccount } from "./account.ts";
import { setDefaults } from "./defaults.ts";
import { createKeys } from "./keys.ts";
import { functionName } from "./names.ts";
import { createOperations } from "./operations.ts";
import { operationsSettings } from "./operations-settings.ts";
import { createPages } from "./pages.ts";
import { watchedByName } from "./watched.ts";

export function build() {
  setDefaults();
  const operating = operationsSettings($app.stage === "prod");
  const keys = createKeys();
  const pages = createPages(operating.paging);
  const attendant = functionName("upkeep/attend-alarms");
  const operations = createOperations(
    operating,
    pages,
    watchedByName(),
    { featureGroupArns: [], bucketArns: [] },
    { name: attendant, arn: thisAccount().arn("lambda", `function:${attendant}`) },
  );
  return { dataKey: keys.data.arn, ...operations };
}
