// A process that refreshes and kills itself while the batch engine has rows of the input in its scratch folder.
// Arguments: state folder, as-of, input file.

import { readdirSync } from "node:fs";
import { startRefresh } from "@steward/core";
import { at, openTestPlatform } from "./platform.ts";

const [stateDir = "", asOf = "", input = ""] = process.argv.slice(2);

let isAppending = false;
const platform = await openTestPlatform(stateDir, {
  onState: (_machine, _execution, state) => {
    isAppending = state === "Append events";
    if (isAppending) dieOnceRowsLieInScratch();
  },
});
const run = await startRefresh(platform.ports, {
  group: "customer-purchases",
  asOfMs: at(asOf),
  inputs: [input],
});
await platform.settled(run);
await platform.close();

function dieOnceRowsLieInScratch(): void {
  const files = readdirSync(platform.folder.scratch, { recursive: true }).map(String);
  if (files.some((file) => file.endsWith(".parquet"))) process.kill(process.pid, "SIGKILL");
  if (isAppending) setImmediate(dieOnceRowsLieInScratch);
}
