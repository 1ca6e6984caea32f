import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DuckDbOfflineFiles, FolderObjectStore } from "@steward/adapters";
import { describeOfflineFiles } from "../ports/offline-files.ts";
import { FakeTimer } from "../support/fake-timer.ts";
import { writeOfflineParquet } from "../support/offline-parquet.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

describeOfflineFiles("DuckDbOfflineFiles", async () => {
  const folder = makeTemporaryFolder();
  const scratch = join(folder, "scratch");
  mkdirSync(scratch);
  const objects = new FolderObjectStore({ root: join(folder, "objects"), timer: new FakeTimer() });
  return {
    files: new DuckDbOfflineFiles({ objects, scratch }),
    write: async (group, key, rows, without = []) => {
      await objects.putFile(key, await writeOfflineParquet(folder, group, rows, without));
    },
    close: async () => {
      objects.close();
      removeFolder(folder);
    },
  };
});
