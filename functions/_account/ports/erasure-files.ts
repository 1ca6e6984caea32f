// Opens what counts and removes a subject's rows in files.

import { DuckDbRowEraser, ParquetErasureFiles } from "@steward/adapters";
import { onDisk } from "../on-disk.ts";
import { once } from "../once.ts";

export const open = once(async () => {
  const parts = await onDisk();
  return new ParquetErasureFiles({ ...parts, eraser: new DuckDbRowEraser(parts) });
});
