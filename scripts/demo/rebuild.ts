// Second act: the hot store is lost, and comes back record by record from the offline store.

import { check, heading } from "./say.ts";
import { shown } from "./steward.ts";
import { CUSTOMER, exportAll, GROUP, SESSIONS } from "./stores.ts";

export async function showRebuild(before: readonly string[]): Promise<void> {
  heading("2. Rebuild: the hot store is lost, and comes back");
  await shown(["wipe", "--store", "hot", "--yes"]);
  await shown(["get", GROUP, CUSTOMER], 3);
  const said = await shown(["rebuild", GROUP, SESSIONS, "--target", "hot"]);
  check(
    said.match(/all as they are offline/g)?.length === 2,
    "every record was read back and compared with the offline store",
  );
  const after = await exportAll(before.length, ["hot"]);
  check(after.join("\n") === before.join("\n"), "each record is what it was before the loss");
}
