// A process that uses a state folder until it is told to leave it: it prints the servers that it has, then answers
// each line of its input (a word that it refreshes by, or "leave") with one line.
// Arguments: state folder.

import { createInterface } from "node:readline";
import { openTestPlatform, refresh } from "./platform.ts";

const platform = await openTestPlatform(process.argv[2] ?? "");
console.log(JSON.stringify(platform.services));
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "leave") break;
  const run = await refresh(platform, "customer-purchases", line);
  console.log(JSON.stringify({ status: run.status, error: run.error }));
}
// An open pipe at its input would keep the process: what is left of it then has to end by itself.
process.stdin.destroy();
await platform.close();
console.log("left");
