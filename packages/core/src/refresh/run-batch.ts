// Decides what the batch engine is told: the two jobs of a refresh, from the plan, with the result written beside it.
// On AWS this is what the Glue job does; here it runs in process.

import { fingerprintText } from "../definitions/definition-fingerprint.ts";
import type { FeatureGroup } from "../definitions/feature-group.ts";
import { againIfRewritten } from "../ledger/again-if-rewritten.ts";
import { describeEvents, readEventTable, toEventFiles } from "../ledger/event-table.ts";
import { type Hold, keepHold, requireHold } from "../ledger/hold.ts";
import { getJson, purgePrefix, putJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { AppendJob, SuppressedSubject } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";
import { removeUncommittedEvents } from "./abandoned-attempts.ts";
import {
  type AppendDocument,
  appendKey,
  appendPrefix,
  computeKey,
  type PlanDocument,
  planDocument,
  planKey,
  stagingPrefix,
} from "./refresh-documents.ts";

/** Parses and stages the plan's new files; nothing of them is readable until commit-events. */
export async function appendEvents(
  ports: Ports,
  ref: RunRef,
): Promise<{ readonly rowCount: number; readonly setAsideCount: number }> {
  const { group, plan } = await holdWithPlan(ports, ref);
  await removeUncommittedEvents(ports, group, ref);
  const files = await keepHold(ports, ref, () =>
    ports.batchEngine.append({
      ...appendJobOf(group, plan),
      files: plan.appends,
      outputPrefix: appendPrefix(group.source.name, ref),
    }),
  );
  await putJson(ports.objects, appendKey(ref), { files: [...files] } satisfies AppendDocument);
  return { rowCount: total(files, "rowCount"), setAsideCount: total(files, "setAsideCount") };
}

/** Aggregates the event table as of the run's as-of and stages offline files. */
export async function computeFeatures(
  ports: Ports,
  ref: RunRef,
): Promise<{ readonly recordCount: number; readonly eventCount: number }> {
  const { run, group, plan } = await holdWithPlan(ports, ref);
  const table = await readEventTable(ports.objects, group.source.name);
  const keys = toEventFiles(table).map(({ key }) => key);
  await purgePrefix(ports.objects, stagingPrefix(ref));
  const compute = async () =>
    ports.batchEngine.compute({
      group,
      asOfMs: run.asOfMs,
      writeTimeMs: plan.plannedAtMs,
      events: toEventFiles(await readEventTable(ports.objects, group.source.name)),
      suppressions: toSuppressions(plan),
      outputPrefix: stagingPrefix(ref),
      rowsPerFile: ports.settings.rowsPerFile,
      rowsPerRowGroup: ports.settings.rowsPerRowGroup,
    });
  const computed = await keepHold(ports, ref, () => againIfRewritten(ports.objects, keys, compute));
  await putJson(ports.objects, computeKey(ref), {
    ...computed,
    events: fingerprintText(describeEvents(table)),
  });
  return { recordCount: computed.recordCount, eventCount: computed.eventCount };
}

/** What an append over this group's source must know, whatever the files. */
export function appendJobOf(
  group: FeatureGroup,
  plan: PlanDocument,
): Omit<AppendJob, "files" | "outputPrefix"> {
  return {
    source: group.source,
    arrivedAtMs: plan.plannedAtMs,
    suppressions: toSuppressions(plan),
    subjectColumns: [
      { entity: group.entity.name, column: group.recordIdentifier },
      ...Object.entries(group.subjectColumns).map(([entity, column]) => ({ entity, column })),
    ],
  };
}

async function holdWithPlan(ports: Ports, ref: RunRef): Promise<Hold & { readonly plan: PlanDocument }> {
  const hold = await requireHold(ports, ref);
  return { ...hold, plan: await getJson(ports.objects, planKey(ref), planDocument) };
}

function toSuppressions(plan: PlanDocument): readonly SuppressedSubject[] {
  return plan.suppressions.map(({ entity, pseudonym, untilMs }) => ({ entity, pseudonym, untilMs }));
}

function total<K extends string>(files: readonly Readonly<Record<K, number>>[], field: K): number {
  return files.reduce((sum, file) => sum + file[field], 0);
}
