import { join } from "node:path";
import {
  DuckDbBatchEngine,
  DuckDbOfflineFiles,
  FolderObjectStore,
  HmacPseudonymiser,
} from "@steward/adapters";
import { describeBatchEngine } from "../ports/batch-engine.ts";
import { FakeTimer } from "../support/fake-timer.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

describeBatchEngine("DuckDbBatchEngine", async () => {
  const folder = makeTemporaryFolder();
  const objects = new FolderObjectStore({ root: join(folder, "objects"), timer: new FakeTimer() });
  const pseudonymiser = new HmacPseudonymiser(new Uint8Array(32).fill(7));
  return {
    engine: new DuckDbBatchEngine({ objects, pseudonymiser, scratch: join(folder, "scratch") }),
    objects,
    reader: new DuckDbOfflineFiles({ objects, scratch: join(folder, "scratch") }),
    pseudonymiser,
    folder,
    close: async () => {
      objects.close();
      removeFolder(folder);
    },
  };
});
