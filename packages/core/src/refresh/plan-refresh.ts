// Decides what a refresh has to do: register the as-of, then read the suppressions; which files are new; whether
// anything is to be done at all.

import { definitionFingerprint, fingerprintText } from "../definitions/definition-fingerprint.ts";
import { entitiesOf, type FeatureGroup } from "../definitions/feature-group.ts";
import { InvalidInputError } from "../errors/steward-error.ts";
import { registerAsOf } from "../ledger/as-of.ts";
import { describeEvents, newFiles, readEventTable } from "../ledger/event-table.ts";
import { ensurePlace } from "../ledger/group-place.ts";
import { requireHold } from "../ledger/hold.ts";
import { putJson } from "../ledger/json-object.ts";
import { findBegun, findWatermark, type Watermark } from "../ledger/lease.ts";
import type { RunRef } from "../ledger/run.ts";
import { expireSetAside } from "../ledger/set-aside-expiry.ts";
import type { InspectedFile } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";
import { readSuppressions } from "../suppression/read-suppressions.ts";
import { toIso } from "../time/epoch-ms.ts";
import { removeAbandonedAttempts } from "./abandoned-attempts.ts";
import { type PlanDocument, planKey } from "./refresh-documents.ts";

export interface RefreshPlan {
  readonly unchanged: boolean;
  /** Files that the event table does not hold yet. */
  readonly appendCount: number;
}

/** Done twice equals once. @throws InvalidInputError when the as-of or a file breaks a rule; nothing is written then. */
export async function planRefresh(ports: Ports, ref: RunRef): Promise<RefreshPlan> {
  const { run, group } = await requireHold(ports, ref);
  const begun = await findBegun(ports.ledger, group.name);
  if (begun !== undefined && run.asOfMs < begun.asOfMs) {
    throw new InvalidInputError(
      `group "${group.name}" stands at as-of ${toIso(begun.asOfMs)} and cannot go back to ${toIso(run.asOfMs)}: give a later --as-of`,
    );
  }
  const inspected: InspectedFile[] = [];
  for (const name of run.inputs) inspected.push(await ports.batchEngine.inspect(group.source, { name }));
  const table = await readEventTable(ports.objects, group.source.name);
  const appends = newFiles(table, inspected);
  if (begun !== undefined && run.asOfMs === begun.asOfMs) {
    checkSameAsOf(group, begun, appends, fingerprintText(describeEvents(table)));
    const watermark = await findWatermark(ports.ledger, group.name);
    if (watermark?.asOfMs === run.asOfMs) return { unchanged: true, appendCount: 0 };
  }
  const place = await ensurePlace(ports.ledger, ports.onlineStore, group);
  await removeAbandonedAttempts(ports, group, place.offlinePrefix, run);
  await expireSetAside(ports, group.source.name);
  const suppressions = [];
  for (const entity of entitiesOf(group)) {
    await registerAsOf(ports.ledger, entity, { ...ref, asOfMs: run.asOfMs });
    suppressions.push(...(await readSuppressions(ports.ledger, entity)));
  }
  const plan: PlanDocument = { appends: [...appends], plannedAtMs: ports.clock.now(), suppressions };
  await putJson(ports.objects, planKey(ref), plan);
  return { unchanged: false, appendCount: appends.length };
}

/** One value per record and event time: where records of an as-of may be in a store, nothing may differ from what gave them. */
function checkSameAsOf(
  group: FeatureGroup,
  begun: Watermark,
  appends: readonly InspectedFile[],
  events: string,
): void {
  const at = `group "${group.name}" was already refreshed, or begun to be, as of ${toIso(begun.asOfMs)}`;
  if (appends.length > 0) {
    throw new InvalidInputError(
      `${at}, and ${appends.length === 1 ? "the file brings" : `${appends.length} files bring`} new events: give a later --as-of`,
    );
  }
  if (begun.definition !== definitionFingerprint(group)) {
    throw new InvalidInputError(`${at}, and its definition has changed since: give a later --as-of`);
  }
  if (begun.events !== events) {
    throw new InvalidInputError(`${at}, and its source has new events since: give a later --as-of`);
  }
}
