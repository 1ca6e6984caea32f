// Adds one to a counter in the ledger, so many times, against whoever else does; prints how often it met a conflict.
// Arguments: file, times.

import { SqliteLedger } from "../../../../packages/adapters/src/ledger/sqlite-ledger.ts";
import { startTogether } from "../start-together.ts";

const [file = "", times = "0"] = process.argv.slice(2);
await startTogether();
const ledger = new SqliteLedger({ file });
const key = { partition: "counters", sort: "one" };

let conflictCount = 0;
for (let added = 0; added < Number(times); ) {
  const item = await ledger.find(key);
  const outcome = await ledger.put(
    key,
    { count: Number(item?.body.count ?? 0) + 1 },
    item === undefined ? "absent" : { version: item.version },
  );
  if (outcome.kind === "applied") added += 1;
  else conflictCount += 1;
}
ledger.close();
console.log(conflictCount);
