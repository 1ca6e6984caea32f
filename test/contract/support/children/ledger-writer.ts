// Writes to the ledger without end and prints each write once it is acknowledged. Arguments: file.

import { writeSync } from "node:fs";
import { SqliteLedger } from "../../../../packages/adapters/src/ledger/sqlite-ledger.ts";

const [file = ""] = process.argv.slice(2);
const ledger = new SqliteLedger({ file });

for (let index = 0; ; index += 1) {
  const key = { partition: "writes", sort: String(index % 50) };
  const item = await ledger.find(key);
  const outcome = await ledger.put(key, { index }, item === undefined ? "absent" : { version: item.version });
  if (outcome.kind === "applied") writeSync(1, `${key.sort} ${outcome.version} ${index}\n`);
}
