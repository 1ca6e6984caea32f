// Races on one key with conditional puts: creates it, then replaces it so many times. Arguments: root, name, times.
// Prints "created" if it created the key, and each text that it replaced.

import { FolderObjectStore } from "../../../../packages/adapters/src/objects/folder-object-store.ts";
import { SystemTimer } from "../../../../packages/adapters/src/time/system-timer.ts";
import { startTogether } from "../start-together.ts";

const [root = "", name = "", times = "0"] = process.argv.slice(2);
await startTogether();
const store = new FolderObjectStore({ root, timer: new SystemTimer() });

const created = await store.put("race/one.txt", Buffer.from(`created by ${name}`), "absent");
if (created.kind === "stored") console.log("created");
for (let replaced = 0; replaced < Number(times); ) {
  const current = await store.find("race/one.txt");
  if (current === undefined) throw new Error("the object that somebody created is gone");
  const before = Buffer.from(await store.get("race/one.txt", { versionId: current.versionId })).toString();
  const text = `${name} ${replaced}`;
  const outcome = await store.put("race/one.txt", Buffer.from(text), { etag: current.etag });
  if (outcome.kind === "conflict") continue;
  console.log(`replaced ${before}`);
  replaced += 1;
}
store.close();
