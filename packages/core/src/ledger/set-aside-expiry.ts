// Decides how long rows that were set aside are kept: an erasure finds only those whose identifier can be read, so the
// others have a date on which they go.

import type { Ports } from "../ports/ports.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { dropEventFiles, eventTablePrefix, readEventTable } from "./event-table.ts";
import { purgeKey } from "./json-object.ts";

type ExpiryPorts = Pick<Ports, "clock" | "objects" | "settings" | "timer">;

export interface SetAsideFile {
  readonly key: string;
  readonly expiresAtMs: EpochMs;
}

/**
 * The set-aside files of a source with the date on which each goes: so long after its append by the platform's clock, or,
 * where it never entered the table, after it was written.
 */
export async function listSetAsideFiles(
  ports: ExpiryPorts,
  source: string,
): Promise<readonly SetAsideFile[]> {
  const { files } = await readEventTable(ports.objects, source);
  const appended = new Map(files.map(({ setAsideKey, appendedAtMs }) => [setAsideKey, appendedAtMs]));
  const driftMs = ports.clock.now() - ports.timer.nowMs();
  const prefix = `${eventTablePrefix(source)}data/`;
  const versions = await ports.objects.listVersions(prefix);
  return versions
    .filter(({ key, isLatest }) => isLatest && /^[^/]+\/set-aside/.test(key.slice(prefix.length)))
    .map(({ key, modifiedAtMs }) => {
      const sinceMs = appended.get(key) ?? modifiedAtMs + driftMs;
      return { key, expiresAtMs: Math.ceil(sinceMs + ports.settings.setAsideLifeMs) as EpochMs };
    });
}

/** Removes those whose date has come. Done by every refresh of the source and by every erasure. */
export async function expireSetAside(ports: ExpiryPorts, source: string): Promise<void> {
  const nowMs = ports.clock.now();
  const expired = (await listSetAsideFiles(ports, source)).filter(({ expiresAtMs }) => expiresAtMs <= nowMs);
  if (expired.length === 0) return;
  await dropEventFiles(ports.objects, source, new Set(expired.map(({ key }) => key)));
  for (const { key } of expired) await purgeKey(ports.objects, key);
}
