// Decides which objects belong to a computation that is still at work (it began after the suppression and honours it), and
// which were left behind by one that has ended.

import { listOpenAsOfs } from "../ledger/as-of.ts";
import type { ObjectVersion } from "../ports/object-store.ts";
import type { Ports } from "../ports/ports.ts";

/** Staged files of an attempt, and event files of one, lie under a folder that begins with its run's id. */
export const STAGING_PREFIX = "staging/";

/** Of the versions below a prefix, those whose folder no open computation of these entities has. */
export async function listLeftBehind(
  ports: Pick<Ports, "ledger" | "objects" | "definitions">,
  prefix: string,
): Promise<readonly ObjectVersion[]> {
  const versions = await ports.objects.listVersions(prefix);
  if (versions.length === 0) return [];
  const atWork = await listRunsAtWork(ports);
  return versions.filter(({ key }) => {
    const folder = key.slice(prefix.length).split("/", 1)[0] ?? "";
    return !atWork.some((runId) => folder.startsWith(`${runId}-`));
  });
}

async function listRunsAtWork(ports: Pick<Ports, "ledger" | "definitions">): Promise<readonly string[]> {
  const groups = ports.definitions.list();
  const entities = new Set(
    groups.flatMap((group) => [group.entity.name, ...Object.keys(group.subjectColumns)]),
  );
  const open = await Promise.all([...entities].map((entity) => listOpenAsOfs(ports.ledger, entity)));
  return [...new Set(open.flat().map(({ runId }) => runId))];
}
