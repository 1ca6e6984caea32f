// Decides what may leave: all records of a store but those of suppressed subjects, as a computation that erasures wait for.

import { entitiesOf, type FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import type { SuppressedSubject } from "../ports/batch-engine.ts";
import type { ControlPorts } from "../ports/ports.ts";
import type { Pseudonym, Pseudonymiser } from "../ports/pseudonymiser.ts";
import { beginComputation } from "../suppression/computation.ts";
import { isSuppressed } from "../suppression/read-suppressions.ts";
import { type ReadPorts, readAll, type StoreName } from "./read-stores.ts";

export type ExportPorts = ReadPorts & Pick<ControlPorts, "clock" | "holders" | "ids" | "settings" | "timer">;

/**
 * As `readAll`, without what a suppression bars, whether or not its erasure has come to it. @throws LeaseLostError when an
 * erasure began and went on without it: what was written of the export must not be kept.
 */
export async function* exportRecords(
  ports: ExportPorts,
  group: FeatureGroup,
  store: StoreName,
): AsyncIterable<readonly FeatureRecord[]> {
  const computation = await beginComputation(ports, entitiesOf(group), {
    id: `export-${ports.ids.runId()}`,
    asOfMs: ports.clock.now(),
  });
  try {
    const mayLeave = leavingRule(ports.pseudonymiser, group, computation.suppressions);
    for await (const page of readAll(ports, group, store)) {
      await computation.keep();
      yield page.filter(mayLeave);
    }
    await computation.keep();
  } finally {
    await computation.end();
  }
}

type Rule = (record: FeatureRecord) => boolean;

function leavingRule(
  pseudonymiser: Pseudonymiser,
  group: FeatureGroup,
  suppressions: readonly SuppressedSubject[],
): Rule {
  const byEntity = new Map<string, Map<Pseudonym, SuppressedSubject>>();
  for (const suppression of suppressions) {
    const subjects = byEntity.get(suppression.entity) ?? new Map<Pseudonym, SuppressedSubject>();
    byEntity.set(suppression.entity, subjects.set(suppression.pseudonym, suppression));
  }
  const isBarred = (entity: string, name: string, { eventTimeMs }: FeatureRecord): boolean => {
    const subjects = byEntity.get(entity);
    if (subjects === undefined) return false;
    // The hot store has a pseudonym where the others have the identifier.
    const suppression = subjects.get(pseudonymiser.pseudonym(entity, name)) ?? subjects.get(name);
    return isSuppressed(suppression, eventTimeMs);
  };
  return (record) => {
    if (isBarred(group.entity.name, record.recordId, record)) return false;
    return !Object.entries(group.subjectColumns).some(([entity, column]) => {
      const name = record.features[column];
      return typeof name === "string" && isBarred(entity, name, record);
    });
  };
}
