// Decides what becomes of attempts that never committed: another run of the group supersedes them, and their files go
// with all versions.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { endAsOf } from "../ledger/as-of.ts";
import { readEventTable } from "../ledger/event-table.ts";
import { purgePrefix } from "../ledger/json-object.ts";
import { closeManifest, offlineFilePrefix } from "../ledger/offline-manifest.ts";
import { listRuns, type Run, type RunRef, updateRun } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { appendPrefix, stagingPrefix } from "./refresh-documents.ts";

export type AttemptPorts = Pick<Ports, "ledger" | "objects">;

/** Every entity that a computation over this group's source concerns. */
export function entitiesOf(group: FeatureGroup): readonly string[] {
  return [...new Set([group.entity.name, ...Object.keys(group.subjectColumns)])];
}

/** Removes what earlier attempts of this run, and unfinished runs that held the group before it, left behind. */
export async function removeAbandonedAttempts(
  ports: AttemptPorts,
  group: FeatureGroup,
  prefix: string,
  current: Run,
): Promise<void> {
  for (const run of await listRuns(ports.ledger)) {
    if (run.workflow !== current.workflow || run.group !== group.name) continue;
    if (run.runId === current.runId) {
      for (let attempt = 1; attempt < current.attempt; attempt += 1)
        await removeAttempt(ports, group, prefix, { ...run, attempt });
    } else if (isAbandoned(run, current)) {
      await updateRun(ports.ledger, run.runId, (present) =>
        present.status === "superseded"
          ? undefined
          : { ...present, status: "superseded", endedAtMs: present.endedAtMs ?? current.createdAtMs },
      );
      for (let attempt = 1; attempt <= run.attempt; attempt += 1)
        await removeAttempt(ports, group, prefix, { ...run, attempt });
    }
  }
}

/** Held the group before, with a smaller token, and has not succeeded. A run that waits for the lease has no token yet. */
function isAbandoned(run: Run, current: Run): boolean {
  return (
    run.status !== "succeeded" && run.status !== "superseded" && run.token > 0 && run.token < current.token
  );
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
