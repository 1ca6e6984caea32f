// Decides how much an erasure has to look at, without reading it: the suppression must not wait for that.

import { findPlace } from "../ledger/group-place.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { dataPrefix } from "./erase-events.ts";
import { holdErasure } from "./erasure-hold.ts";
import type { ErasureScope } from "./erasure-scope.ts";

export interface PlannedErasure {
  readonly groups: number;
  readonly versions: number;
}

export async function planErasure(ports: Ports, ref: RunRef): Promise<PlannedErasure> {
  const { scope } = await holdErasure(ports, ref);
  return { groups: scope.groups.length, versions: await countVersions(ports, scope) };
}

async function countVersions(ports: Ports, scope: ErasureScope): Promise<number> {
  let versions = 0;
  for (const { group } of scope.groups) {
    const place = await findPlace(ports.ledger, group.name);
    if (place !== undefined)
      versions += (await ports.objects.listVersions(`${place.offlinePrefix}data/`)).length;
  }
  for (const { source } of scope.sources)
    versions += (await ports.objects.listVersions(dataPrefix(source.name))).length;
  return versions;
}
