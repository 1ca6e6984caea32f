// Decides how staged records become readable offline: copied under their final keys, then named by one conditional put.

import { LeaseLostError } from "../errors/steward-error.ts";
import { getPlace } from "../ledger/group-place.ts";
import { requireHold } from "../ledger/hold.ts";
import { getJson } from "../ledger/json-object.ts";
import { noteBegun } from "../ledger/lease.ts";
import { offlineFilePrefix, putManifest } from "../ledger/offline-manifest.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { computeDocument, computeKey, toWatermark } from "./refresh-documents.ts";

/** Done twice equals once: same keys, same bytes. @throws LeaseLostError when the run was cancelled meanwhile. */
export async function publishOffline(ports: Ports, ref: RunRef): Promise<{ readonly fileCount: number }> {
  const { run, group } = await requireHold(ports, ref);
  const { offlinePrefix } = await getPlace(ports.ledger, group.name);
  const computed = await getJson(ports.objects, computeKey(ref), computeDocument);
  const files = computed.files.map(({ key, rowCount }, number) => ({
    from: key,
    key: `${offlineFilePrefix(offlinePrefix, { ...run, ...ref })}${String(number).padStart(5, "0")}.parquet`,
    rowCount,
  }));
  for (const { from, key } of files) await ports.objects.copy(from, key, "absent");
  await noteBegun(ports.ledger, group.name, run.token, toWatermark(run, group, computed));
  const manifest = await putManifest(ports.objects, offlinePrefix, {
    ...ref,
    cancelled: false,
    files: files.map(({ key, rowCount }) => ({ key, rowCount })),
  });
  if (manifest.cancelled) throw new LeaseLostError(`run ${ref.runId} was cancelled before it could publish`);
  return { fileCount: files.length };
}
