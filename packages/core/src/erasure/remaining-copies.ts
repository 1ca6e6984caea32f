// Decides what of an erasure only time can do, with its date, and what it leaves because it is not Steward's to change.

import { listPlaces } from "../ledger/group-place.ts";
import { listSetAsideFiles } from "../ledger/set-aside-expiry.ts";
import type { Ports } from "../ports/ports.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { CopyDocument } from "./erasure-documents.ts";
import type { Expiry } from "./erasure-outcome.ts";
import type { ErasureScope } from "./erasure-scope.ts";

export interface Staying {
  readonly what: string;
  readonly why: string;
}

export type RemainingPorts = Pick<
  Ports,
  "clock" | "definitions" | "ledger" | "objects" | "settings" | "streams" | "timer"
>;

/** When the last of what streams retained, and of what the online store still buffers, is gone: a record of exactly the
 * retention's age is still there. */
export function finishAfter(
  ports: Pick<Ports, "clock" | "settings" | "streams">,
  scope: ErasureScope,
): EpochMs {
  const nowMs = ports.clock.now();
  const isStreamed = scope.sources.some((source) => source.isStreamed);
  const waitMs = isStreamed ? Math.max(ports.streams.retentionMs, ports.settings.offlineBufferMs) + 1 : 0;
  return Math.ceil(nowMs + waitMs) as EpochMs;
}

/** Copies that expire. */
export async function listExpiries(ports: RemainingPorts, scope: ErasureScope): Promise<readonly Expiry[]> {
  const nowMs = ports.clock.now();
  const expiries: Expiry[] = [];
  for (const { source, isStreamed } of scope.sources) {
    const setAside = await listSetAsideFiles(ports, source.name);
    const lastMs = Math.max(...setAside.map(({ expiresAtMs }) => expiresAtMs));
    if (setAside.length > 0)
      expiries.push({ copy: "set-aside rows", name: source.name, expiresOnMs: lastMs as EpochMs });
    if (isStreamed)
      expiries.push({
        copy: "stream",
        name: source.name,
        expiresOnMs: Math.ceil(nowMs + ports.streams.retentionMs) as EpochMs,
      });
  }
  for (const { group } of scope.groups) {
    if (group.path !== "stream") continue;
    const expiresOnMs = Math.ceil(nowMs + ports.settings.offlineBufferMs) as EpochMs;
    expiries.push({ copy: "offline buffer", name: group.name, expiresOnMs });
  }
  return expiries;
}

/** What stays, and why; in plain words, for whoever answers the person. */
export async function listStaying(
  ports: RemainingPorts,
  scope: ErasureScope,
  copies: readonly CopyDocument[],
): Promise<readonly Staying[]> {
  const staying: Staying[] = [];
  for (const { source } of scope.sources) {
    staying.push({
      what: `the raw files of source "${source.name}" that were handed in`,
      why: "they belong to whoever handed them in; handed in again, the erased events are dropped",
    });
  }
  staying.push({
    what: "exports and training sets made before",
    why: "they left the platform; whoever has them must be told",
  });
  for (const name of listAggregates(ports, scope)) {
    staying.push({
      what: `records of group "${name}" that were computed before`,
      why: "they sum up events of many and name nobody; those computed from now on leave the erased events out",
    });
  }
  const defined = new Set(ports.definitions.list().map(({ name }) => name));
  for (const { group, entity } of await listPlaces(ports.ledger)) {
    if (entity === scope.entity && !defined.has(group))
      staying.push({
        what: `the stores of group "${group}"`,
        why: "it is not among the definitions here: erase again with those that have it",
      });
  }
  const strange = copies.find(({ copy }) => copy === "dead letters")?.units.chunks?.newerKept ?? 0;
  if (strange > 0)
    staying.push({
      what: `${strange} dead letters that are no references to chunks`,
      why: "nobody here sent them: look at them by hand",
    });
  return staying;
}

/** Groups of other entities over the same sources. */
function listAggregates(ports: RemainingPorts, scope: ErasureScope): readonly string[] {
  const sources = new Set(scope.sources.map(({ source }) => source.name));
  const reached = new Set(scope.groups.map(({ group }) => group.name));
  return ports.definitions
    .list()
    .filter(({ name, source }) => sources.has(source.name) && !reached.has(name))
    .map(({ name }) => name);
}
