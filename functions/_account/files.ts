// Opens what reads and rewrites Parquet files: on the function's own disk, of objects.

import {
  DuckDbBatchEngine,
  DuckDbOfflineFiles,
  DuckDbRowEraser,
  ParquetErasureFiles,
} from "@steward/adapters";
import { once } from "./once.ts";
import { openPseudonymiser } from "./secrets.ts";
import { openIncoming, openObjects, scratchFolder } from "./storage.ts";

async function onDisk() {
  const objects = await openObjects();
  const pseudonymiser = await openPseudonymiser();
  return { objects, pseudonymiser, scratch: scratchFolder("files") };
}

export const openOfflineFiles = once(async () => new DuckDbOfflineFiles(await onDisk()));

export const openErasureFiles = once(async () => {
  const parts = await onDisk();
  return new ParquetErasureFiles({ ...parts, eraser: new DuckDbRowEraser(parts) });
});

export const openBatchEngine = once(
  async () => new DuckDbBatchEngine({ ...(await onDisk()), inputs: await openIncoming() }),
);
