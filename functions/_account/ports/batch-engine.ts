// Opens what computes features from events.

import { DuckDbBatchEngine } from "@steward/adapters";
import { onDisk } from "../on-disk.ts";
import { once } from "../once.ts";
import { open as openIncoming } from "./incoming.ts";

export const open = once(
  async () => new DuckDbBatchEngine({ ...(await onDisk()), inputs: await openIncoming() }),
);
