// Puts, moves in, copies, hides and removes objects without end, and prints what is done once it is. Arguments: root, scratch.
// A line is "stored", "removing" (before) or "removed" (after), then key and version id.

import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { PutOutcome } from "@steward/core";
import { FolderObjectStore } from "../../../../packages/adapters/src/objects/folder-object-store.ts";
import { SystemTimer } from "../../../../packages/adapters/src/time/system-timer.ts";

const [root = "", scratch = ""] = process.argv.slice(2);
const store = new FolderObjectStore({ root, timer: new SystemTimer() });

function tell(outcome: PutOutcome): void {
  if (outcome.kind === "stored") writeSync(1, `stored ${outcome.object.key} ${outcome.object.versionId}\n`);
}

for (let round = 0; ; round += 1) {
  const key = `group-${round % 7}/part-${round % 3}.parquet`;
  const bytes = Buffer.alloc(20_000 + round, round % 251);
  tell(await store.put(key, bytes));
  const path = join(scratch, `staged-${process.pid}`);
  writeFileSync(path, bytes);
  tell(await store.putFile(`moved/${key}`, path));
  tell(await store.copy(key, `copied/${key}`));
  if (round % 5 === 0) await store.remove(key);
  const old = (await store.listVersions(key)).slice(2);
  for (const version of old) writeSync(1, `removing ${version.key} ${version.versionId}\n`);
  await store.removeVersions(old);
  for (const version of old) writeSync(1, `removed ${version.key} ${version.versionId}\n`);
}
