// Decides that nothing of the subjects is left online, not even a tombstone: hard, at T + 1 ms, once no writer from before
// the suppression is left; also where nothing was found.

import { keepHold } from "../ledger/hold.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { fenceSubjects } from "../suppression/apply-suppressions.ts";
import { deleteOnline, eraseNames } from "./erase-readable.ts";
import { noteFindings } from "./erasure-documents.ts";
import { holdSuppressed } from "./erasure-hold.ts";

/** Done twice equals once. */
export async function hardDelete(ports: Ports, ref: RunRef): Promise<{ readonly groups: number }> {
  const hold = await holdSuppressed(ports, ref);
  return keepHold(ports, ref, async () => {
    await fenceSubjects(
      ports,
      hold.scope.entity,
      hold.subjects.map(({ pseudonym }) => pseudonym),
    );
    for (const { group, isRecord } of hold.scope.groups) {
      if (!isRecord) continue;
      await deleteOnline(ports, hold, group, "hard");
      const nowMs = ports.clock.now();
      await noteFindings(
        ports.objects,
        hold.requestId,
        { copy: "online", name: group.name },
        {
          units: {},
          logicallyGoneAtMs: nowMs,
          physicallyGoneAtMs: nowMs,
        },
      );
    }
    await eraseNames(ports, hold);
    return { groups: hold.scope.groups.length };
  });
}
