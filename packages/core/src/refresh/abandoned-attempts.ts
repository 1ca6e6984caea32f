// Decides what becomes of attempts that never committed: another run of the group supersedes them, and their files go
// with all versions.

import { entitiesOf, type FeatureGroup } from "../definitions/feature-group.ts";
import { supersedeAbandoned } from "../ledger/abandoned-runs.ts";
import { endAsOf } from "../ledger/as-of.ts";
import { readEventTable } from "../ledger/event-table.ts";
import { purgePrefix } from "../ledger/json-object.ts";
import { closeManifest, offlineFilePrefix } from "../ledger/offline-manifest.ts";
import type { Run, RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { appendPrefix, stagingPrefix } from "./refresh-documents.ts";

export type AttemptPorts = Pick<Ports, "ledger" | "objects">;

/** Removes what earlier attempts of this run, and unfinished runs that held the group before it, left behind. */
export async function removeAbandonedAttempts(
  ports: AttemptPorts,
  group: FeatureGroup,
  prefix: string,
  current: Run,
): Promise<void> {
  for (const attempt of await supersedeAbandoned(ports.ledger, current))
    await removeAttempt(ports, group, prefix, attempt);
}

/** Removes one attempt: manifest first, so that nobody reads its files or adds to them, then files, staging and uncommitted events. */
export async function removeAttempt(
  ports: AttemptPorts,
  group: FeatureGroup,
  prefix: string,
  ref: RunRef & Pick<Run, "asOfMs">,
): Promise<void> {
  await closeManifest(ports.objects, prefix, ref);
  await purgePrefix(ports.objects, offlineFilePrefix(prefix, ref));
  await purgePrefix(ports.objects, stagingPrefix(ref));
  await removeUncommittedEvents(ports, group, ref);
  for (const entity of entitiesOf(group)) await endAsOf(ports.ledger, entity, ref);
}

/** Set-aside rows stay, so that whoever reads the failure can see them. */
export async function removeUncommittedEvents(
  ports: AttemptPorts,
  group: FeatureGroup,
  ref: RunRef,
): Promise<void> {
  const table = await readEventTable(ports.objects, group.source.name);
  const committed = new Set(
    table.files.flatMap(({ eventKey, setAsideKey }) => [eventKey ?? "", setAsideKey ?? ""]),
  );
  const prefix = appendPrefix(group.source.name, ref);
  const versions = await ports.objects.listVersions(prefix);
  await ports.objects.removeVersions(
    versions.filter(({ key }) => !committed.has(key) && !key.startsWith(`${prefix}set-aside`)),
  );
}
