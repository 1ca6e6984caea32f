// Decides how records that only name a subject leave the readable stores: found by the column, removed one by one if they
// are still the records that were read. No fence holds such records off, so it is done again once the writers have ended.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import { UnavailableError } from "../errors/steward-error.ts";
import type { Ports } from "../ports/ports.ts";
import type { Pseudonym } from "../ports/pseudonymiser.ts";
import { type EpochMs, toEpochMs } from "../time/epoch-ms.ts";

export interface NamedSubject {
  readonly identifier: string;
  readonly pseudonym: Pseudonym;
  /** Records dated at or before this go. */
  readonly untilMs: EpochMs;
}

/** Of one store: found = erased + newerKept. */
export interface NamedErasure {
  readonly lookedAt: number;
  readonly found: number;
  readonly erased: number;
  readonly newerKept: number;
}

export interface NamedErasures {
  readonly online: NamedErasure;
  readonly hot: NamedErasure;
}

type ErasePorts = Pick<Ports, "hotStore" | "onlineStore">;

/** A record that changes between each reading and its deletion, so often, has writers that nobody waited for. */
const MAX_ROUNDS = 10;

/**
 * Erases from online and hot store the records of a group that name one of the subjects in `column`. Reads the whole
 * group; done twice equals once. @throws UnavailableError when a store cannot be reached; then the same may be asked again.
 */
export async function eraseNamed(
  ports: ErasePorts,
  group: FeatureGroup,
  column: string,
  subjects: readonly NamedSubject[],
): Promise<NamedErasures> {
  const online = await eraseNamedOnline(ports, group, column, subjects);
  const { lookedAt, removed, newerKept } = await ports.hotStore.removeNamed(group, column, subjects);
  return { online, hot: { lookedAt, found: removed + newerKept, erased: removed, newerKept } };
}

async function eraseNamedOnline(
  ports: ErasePorts,
  group: FeatureGroup,
  column: string,
  subjects: readonly NamedSubject[],
): Promise<NamedErasure> {
  const untilMs = new Map(subjects.map((subject) => [subject.identifier, subject.untilMs]));
  let lookedAt = 0;
  let erased = 0;
  let newerKept = 0;
  if (untilMs.size === 0) return { lookedAt, found: 0, erased, newerKept };
  for await (const recordIds of ports.onlineStore.list(group)) {
    lookedAt += recordIds.length;
    let open = recordIds;
    for (let round = 0; open.length > 0; round += 1) {
      if (round === MAX_ROUNDS)
        throw new UnavailableError(`records of group "${group.name}" change faster than they can be erased`);
      const named = await findNamed(ports, group, column, open, untilMs);
      newerKept += named.newer;
      const outcomes = await Promise.all(named.going.map((record) => eraseRecord(ports, group, record)));
      open = named.going.filter((_, index) => outcomes[index] === "refused").map(({ recordId }) => recordId);
      erased += named.going.length - open.length;
    }
  }
  return { lookedAt, found: erased + newerKept, erased, newerKept };
}

async function findNamed(
  ports: ErasePorts,
  group: FeatureGroup,
  column: string,
  recordIds: readonly string[],
  untilMs: ReadonlyMap<string, EpochMs>,
): Promise<{ readonly going: readonly FeatureRecord[]; readonly newer: number }> {
  const going: FeatureRecord[] = [];
  let newer = 0;
  for (const record of await ports.onlineStore.read(group, recordIds)) {
    const until = untilMs.get(String(record?.features[column]));
    if (record === undefined || until === undefined) continue;
    if (record.eventTimeMs <= until) going.push(record);
    else newer += 1;
  }
  return { going, newer };
}

/** Dated one millisecond after the record that was read: a newer one refuses, and is read again. */
function eraseRecord(
  ports: ErasePorts,
  group: FeatureGroup,
  { recordId, eventTimeMs }: FeatureRecord,
): Promise<"deleted" | "refused"> {
  return ports.onlineStore.delete(group, recordId, { mode: "hard", eventTimeMs: toEpochMs(eventTimeMs + 1) });
}
