// Opens what reads rows of the offline store.

import { DuckDbOfflineFiles } from "@steward/adapters";
import { onDisk } from "../on-disk.ts";
import { once } from "../once.ts";

export const open = once(async () => new DuckDbOfflineFiles(await onDisk()));
