// Opens what every engine needs that reads and rewrites Parquet files on the function's own disk.

import { open as openObjects } from "./ports/objects.ts";
import { open as openPseudonymiser } from "./ports/pseudonymiser.ts";
import { scratchFolder } from "./scratch.ts";

export async function onDisk() {
  const [objects, pseudonymiser] = await Promise.all([openObjects(), openPseudonymiser()]);
  return { objects, pseudonymiser, scratch: scratchFolder("files") };
}
