// Appends evidence through a ledger of its own process; prints the number of each entry. Arguments: ledger file, object
// root, request ids.

import { appendEvidence } from "@steward/core";
import { SqliteLedger } from "../../../../packages/adapters/src/ledger/sqlite-ledger.ts";
import { FolderObjectStore } from "../../../../packages/adapters/src/objects/folder-object-store.ts";
import { SystemTimer } from "../../../../packages/adapters/src/time/system-timer.ts";
import { startTogether } from "../start-together.ts";

const [file = "", root = "", ...requests] = process.argv.slice(2);
await startTogether();
const ledger = new SqliteLedger({ file });
const objects = new FolderObjectStore({ root, timer: new SystemTimer() });
for (const requestId of requests) {
  const ports = { ledger, objects, clock: { now: () => 1_000 as never } };
  const { entry } = await appendEvidence(ports, { kind: "finish", requestId, body: () => null });
  console.log(`${requestId} ${entry.number}`);
}
ledger.close();
objects.close();
