// Decides how records reach the hot store: fenced, and with the guard of a tag set anew where a flush took it.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { UnavailableError } from "../errors/steward-error.ts";
import type { KeyedRecord } from "../ports/hot-store.ts";
import type { Ports } from "../ports/ports.ts";
import { tagOf } from "../ports/pseudonymiser.ts";
import { readSuppressionsOfTags } from "../suppression/read-suppressions.ts";
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
    await guardTags(ports, group, [
      ...new Set(unguarded.map((index) => tagOf((records[index] as KeyedRecord).pseudonym))),
    ]);
    open = unguarded;
  }
  if (open.length > 0)
    throw new UnavailableError(`the hot store lost its guards ${MAX_ROUNDS} times in a row`);
  return outcomes as Outcome[];
}

/**
 * Applies all suppressions of the tags again; only then does the adapter set their guards. One without its T yet is left
 * to the erasure that is recording it, which fences once it has T: a fence only rises, so a guess could never be undone.
 */
async function guardTags(ports: Ports, group: FeatureGroup, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  const groups = ports.definitions
    .list()
    .filter(({ owner }) => owner === group.owner)
    .map(({ name }) => name);
  const suppressions = await readSuppressionsOfTags(ports.ledger, group.entity.name, tags);
  const fences = suppressions.flatMap(({ pseudonym, untilMs }) =>
    untilMs === undefined ? [] : [{ pseudonym, untilMs }],
  );
  await Promise.all(
    tags.map((tag) =>
      ports.hotStore.applyFences(
        group.owner,
        tag,
        groups,
        fences.filter(({ pseudonym }) => tagOf(pseudonym) === tag),
      ),
    ),
  );
}
