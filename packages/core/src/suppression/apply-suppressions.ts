// Decides which fences a tag of the hot store has: those of every suppression of every entity that its owner has groups
// of. Always all of a tag together, for the guard that is set with them says that none is missing.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { Fence } from "../ports/hot-store.ts";
import type { LedgerKey } from "../ports/ledger.ts";
import type { Ports } from "../ports/ports.ts";
import { listTags, type Pseudonym, tagOf } from "../ports/pseudonymiser.ts";
import { readFencesOfTags } from "./read-suppressions.ts";

type FencePorts = Pick<Ports, "definitions" | "hotStore" | "ledger">;

const TAGS_AT_ONCE = 64;

/**
 * Fences and guards some tags of an owner. A suppression without its T yet is left to the erasure that is recording it,
 * which fences once it has T: a fence only rises, so a guess could never be undone.
 */
export async function applySuppressions(
  ports: FencePorts,
  owner: string,
  tags: readonly string[],
): Promise<void> {
  const owned = ports.definitions.list().filter((group) => group.owner === owner);
  const groups = owned.map(({ name }) => name);
  const entities = [...new Set(owned.map(({ entity }) => entity.name))];
  for (let start = 0; start < tags.length; start += TAGS_AT_ONCE) {
    const some = tags.slice(start, start + TAGS_AT_ONCE);
    const fences: Fence[] = [];
    for (const entity of entities) fences.push(...(await readFencesOfTags(ports.ledger, entity, some)));
    const byTag = Map.groupBy(fences, ({ pseudonym }) => tagOf(pseudonym));
    await Promise.all(
      some.map((tag) => ports.hotStore.applyFences(owner, tag, groups, byTag.get(tag) ?? [])),
    );
  }
}

/** Removes what the hot store holds of suppressed subjects and fences them, at every owner that has groups of the entity. */
export async function fenceSubjects(
  ports: FencePorts,
  entity: string,
  pseudonyms: readonly Pseudonym[],
): Promise<void> {
  const tags = [...new Set(pseudonyms.map(tagOf))];
  const groups = ports.definitions.list().filter((group) => group.entity.name === entity);
  for (const owner of ownersOf(groups)) await applySuppressions(ports, owner, tags);
}

export interface GuardReport {
  /** Tags, over all owners, whose fences were applied again. */
  readonly tags: number;
  /** Values removed because they name a suppressed subject: a restart or a failover had brought them back. */
  readonly named: number;
}

/**
 * Repairs a hot store that lost fences or deletions (a flush, a restart, a failover) without waiting for a write. Cheap
 * where nothing was lost: a look at each guard.
 */
export async function guardHot(ports: FencePorts): Promise<GuardReport> {
  let tags = 0;
  for (const owner of ownersOf(ports.definitions.list())) {
    const unguarded = await ports.hotStore.listUnguarded(owner);
    await applySuppressions(ports, owner, unguarded);
    tags += unguarded.length;
  }
  return { tags, named: await removeNamedAgain(ports) };
}

/** In which incarnation of the hot store its values were last searched for names. */
const SWEPT: LedgerKey = { partition: "hot-store", sort: "named-values" };

/** No fence holds off, and no guard betrays, a value that only names a subject: each incarnation is searched once. */
async function removeNamedAgain(ports: FencePorts): Promise<number> {
  const incarnation = await ports.hotStore.incarnation();
  const swept = await ports.ledger.find(SWEPT);
  if (swept?.body.incarnation === incarnation) return 0;
  let removed = 0;
  for (const group of ports.definitions.list()) {
    for (const [entity, column] of Object.entries(group.subjectColumns)) {
      const subjects = await readFencesOfTags(ports.ledger, entity, listTags());
      removed += (await ports.hotStore.removeNamed(group, column, subjects)).removed;
    }
  }
  await ports.ledger.put(SWEPT, { incarnation }, swept === undefined ? "absent" : { version: swept.version });
  return removed;
}

function ownersOf(groups: readonly FeatureGroup[]): readonly string[] {
  return [...new Set(groups.map(({ owner }) => owner))];
}
