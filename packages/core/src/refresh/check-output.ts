// Decides whether computed records may be published: schema, row count, absences and ranges.

import { EVENT_TIME_FEATURE } from "../definitions/create-feature-group-input.ts";
import type { FeatureGroup } from "../definitions/feature-group.ts";
import { DataRejectedError } from "../errors/steward-error.ts";
import { requireHold } from "../ledger/hold.ts";
import { getJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type ComputeDocument, computeDocument, computeKey } from "./refresh-documents.ts";

/** @throws DataRejectedError naming every rule that is broken. */
export async function checkRefreshOutput(
  ports: Ports,
  ref: RunRef,
): Promise<{ readonly recordCount: number }> {
  const { group } = await requireHold(ports, ref);
  const computed = await getJson(ports.objects, computeKey(ref), computeDocument);
  const problems = findProblems(group, computed);
  if (problems.length > 0)
    throw new DataRejectedError(
      `the computed records of "${group.name}" break a rule, so nothing was published: ${problems.join("; ")}`,
    );
  return { recordCount: computed.recordCount };
}

/** What is wrong with computed records, a sentence each. */
export function findProblems(group: FeatureGroup, computed: ComputeDocument): readonly string[] {
  const problems: string[] = [];
  const staged = computed.files.reduce((sum, { rowCount }) => sum + rowCount, 0);
  if (staged !== computed.recordCount)
    problems.push(`${staged} rows are staged for ${computed.recordCount} records`);
  if (computed.eventCount > 0 && computed.recordCount === 0)
    problems.push("events were read but no record came of them");
  if (computed.brokenIdentifierCount > 0)
    problems.push(`${computed.brokenIdentifierCount} records have no identifier, or share one`);
  const expected = [
    group.recordIdentifier,
    ...group.features.map(({ name }) => name),
    EVENT_TIME_FEATURE,
    "write_time",
    "api_invocation_time",
    "is_deleted",
  ];
  const actual = computed.columns.map(({ name }) => name);
  if (computed.files.length > 0 && actual.join() !== expected.join())
    problems.push(`the columns are ${actual.join(", ")}, not ${expected.join(", ")}`);
  for (const { feature, absentCount, inexactCount } of computed.statistics) {
    const kind = group.features.find(({ name }) => name === feature)?.aggregation.measure.kind;
    if ((kind === "count" || kind === "distinctCount") && absentCount > 0)
      problems.push(`${feature}: ${absentCount} records lack a count`);
    if (inexactCount > 0)
      problems.push(
        `${feature}: ${inexactCount} values are beyond 15 digits (integers: 2^53 − 1) or not finite`,
      );
  }
  return problems;
}
