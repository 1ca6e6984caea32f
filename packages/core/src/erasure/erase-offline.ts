// Decides how subjects leave the offline store: rows and marker rows dated at or before T, of every group that may name
// them, from current objects and from every older version, whatever the current one holds.

import { findPlace, type GroupPlace } from "../ledger/group-place.ts";
import { keepHold } from "../ledger/hold.ts";
import { changeManifest, mapManifests } from "../ledger/offline-manifest.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { eraseFiles, gatherRefusals } from "./erase-files.ts";
import { holdSuppressed, type SuppressedHold, toFileSubjects } from "./erasure-hold.ts";
import type { GroupScope } from "./erasure-scope.ts";

/** Done twice equals once. @throws DataRejectedError naming the files that cannot be written again unharmed; all others are erased then. */
export async function eraseOffline(ports: Ports, ref: RunRef): Promise<{ readonly groups: number }> {
  const hold = await holdSuppressed(ports, ref);
  return keepHold(ports, ref, async () => {
    let groups = 0;
    const refusal = await gatherRefusals(hold.scope.groups, 1, async (scope) => {
      await eraseGroup(ports, hold, scope, await findPlace(ports.ledger, scope.group.name));
      groups += 1;
    });
    if (refusal !== undefined) throw refusal;
    return { groups };
  });
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Also where no file was ever made: the certificate says that it was looked for. */
async function eraseGroup(
  ports: Ports,
  hold: SuppressedHold,
  { group, columns }: GroupScope,
  place: GroupPlace | undefined,
): Promise<void> {
  const manifests = place === undefined ? NONE : await mapManifests(ports.objects, place.offlinePrefix);
  await eraseFiles(ports, hold, {
    place: { copy: "offline", name: group.name },
    versions: place === undefined ? [] : await ports.objects.listVersions(`${place.offlinePrefix}data/`),
    rows: { layout: { kind: "offline" }, columns, subjects: toFileSubjects(hold) },
    publish: (key, rowCount, put) => publish(ports, manifests.get(key), key, rowCount, put),
  });
  await settleCounts(ports, manifests);
}

/** Readers count rows: the manifest says both counts until the file has the new one. A file without rows is named no longer. */
async function publish(
  { objects }: Pick<Ports, "objects">,
  manifestKey: string | undefined,
  file: string,
  rowCount: number | undefined,
  put: () => Promise<boolean>,
): Promise<boolean> {
  if (manifestKey === undefined) return put();
  if (rowCount === undefined) {
    await changeManifest(objects, manifestKey, file, () => undefined);
    return put();
  }
  await changeManifest(objects, manifestKey, file, (entry) => ({ ...entry, rewrittenRowCount: rowCount }));
  const isStored = await put();
  await changeManifest(objects, manifestKey, file, (entry) => ({
    key: entry.key,
    rowCount: isStored ? rowCount : entry.rowCount,
  }));
  return isStored;
}

/** A kill after the file was stored leaves both counts: once the pass is through, the new one is right. */
async function settleCounts(
  { objects }: Pick<Ports, "objects">,
  manifests: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [file, manifestKey] of manifests) {
    await changeManifest(objects, manifestKey, file, (entry) =>
      entry.rewrittenRowCount === undefined ? entry : { key: entry.key, rowCount: entry.rewrittenRowCount },
    );
  }
}
