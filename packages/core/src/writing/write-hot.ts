// Decides how records reach the hot store: fenced, and with a tag's fences applied again where they may be lost.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { UnavailableError } from "../errors/steward-error.ts";
import type { KeyedRecord } from "../ports/hot-store.ts";
import type { Ports } from "../ports/ports.ts";
import { tagOf } from "../ports/pseudonymiser.ts";
import { applySuppressions } from "../suppression/apply-suppressions.ts";
import type { Outcome } from "./counts.ts";

const MAX_ROUNDS = 3;

/** One outcome a record, in order; no call starts past the deadline, and what is open then has failed.
 * @throws UnavailableError when the hot store cannot be reached or keeps losing its guards. */
export async function writeHot(
  ports: Ports,
  group: FeatureGroup,
  records: readonly KeyedRecord[],
  deadlineMs: number,
): Promise<readonly Outcome[]> {
  const outcomes: (Outcome | undefined)[] = records.map(() => undefined);
  let open = records.map((_, index) => index);
  for (let round = 0; round < MAX_ROUNDS && open.length > 0; round += 1) {
    if (ports.timer.nowMs() >= deadlineMs) return outcomes.map((outcome) => outcome ?? "failed");
    const batch = open.map((index) => records[index] as KeyedRecord);
    const written = await ports.hotStore.write(group, batch, ports.clock.now());
    const unguarded: number[] = [];
    written.forEach((outcome, position) => {
      const index = open[position] as number;
      if (outcome === "unguarded") unguarded.push(index);
      else outcomes[index] = outcome;
    });
    await applySuppressions(ports, group.owner, [
      ...new Set(unguarded.map((index) => tagOf((records[index] as KeyedRecord).pseudonym))),
    ]);
    open = unguarded;
  }
  if (open.length > 0)
    throw new UnavailableError(`the hot store lost its guards ${MAX_ROUNDS} times in a row`);
  return outcomes as Outcome[];
}
