// Decides how subjects leave the stores that serving reads: a tombstone dated T online, values and fence in one script hot,
// and the records that only name them one by one. Whatever is dated later stays.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { findPlace } from "../ledger/group-place.ts";
import { keepHold } from "../ledger/hold.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { fenceSubjects } from "../suppression/apply-suppressions.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { eraseNamed, type NamedErasure } from "./erase-named.ts";
import { type CopyKind, noteFindings } from "./erasure-documents.ts";
import { holdSuppressed, type SuppressedHold } from "./erasure-hold.ts";
import { ignoringMissing } from "./ignore-missing.ts";

/** Deletions under way at once: each is a call of its own. */
const DELETES_AT_ONCE = 32;

/** Done twice equals once: what was found before stays noted. */
export async function eraseReadable(ports: Ports, ref: RunRef): Promise<{ readonly groups: number }> {
  const hold = await holdSuppressed(ports, ref);
  return keepHold(ports, ref, async () => {
    const pseudonyms = hold.subjects.map(({ pseudonym }) => pseudonym);
    const recordGroups = hold.scope.groups.filter(({ isRecord }) => isRecord);
    for (const { group } of recordGroups) await noteHot(ports, hold, group);
    await fenceSubjects(ports, hold.scope.entity, pseudonyms);
    for (const { group } of recordGroups) await noteGone(ports, hold, "hot", group, hold.subjects.length);
    for (const { group } of recordGroups) {
      await noteOnline(ports, hold, group);
      await deleteOnline(ports, hold, group, "soft");
      await noteUnreadable(ports, hold, group);
    }
    await eraseNames(ports, hold);
    return { groups: hold.scope.groups.length };
  });
}

/** The tombstones again: one that finds no record leaves no trace, and a worker from before may have written since. */
export async function hideOnline(ports: Ports, hold: SuppressedHold): Promise<void> {
  for (const { group, isRecord } of hold.scope.groups)
    if (isRecord) await deleteOnline(ports, hold, group, "soft");
}

/** Deletes every subject online, dated T, or hard at T + 1 ms. A record dated later refuses, and stays. */
export async function deleteOnline(
  ports: Ports,
  { subjects, untilMs }: Pick<SuppressedHold, "subjects" | "untilMs">,
  group: FeatureGroup,
  mode: "soft" | "hard",
): Promise<void> {
  if (!(await isCreated(ports, group))) return;
  const eventTimeMs = (mode === "soft" ? untilMs : untilMs + 1) as EpochMs;
  for (let start = 0; start < subjects.length; start += DELETES_AT_ONCE) {
    const some = subjects.slice(start, start + DELETES_AT_ONCE);
    await ignoringMissing(
      Promise.all(
        some.map(({ identifier }) => ports.onlineStore.delete(group, identifier, { mode, eventTimeMs })),
      ),
    );
  }
}

/** Erases the records of groups that name a subject in a column, online and hot. */
export async function eraseNames(ports: Ports, hold: SuppressedHold): Promise<void> {
  const { requestId, scope, untilMs } = hold;
  const subjects = hold.subjects.map((subject) => ({ ...subject, untilMs }));
  for (const { group, namedBy } of scope.groups) {
    if (namedBy === undefined || !(await isCreated(ports, group))) continue;
    const erased = await ignoringMissing(eraseNamed(ports, group, namedBy, subjects));
    if (erased === undefined) continue;
    const nowMs = ports.clock.now();
    for (const copy of ["online", "hot"] as const)
      await noteFindings(
        ports.objects,
        requestId,
        { copy, name: group.name },
        {
          units: { [`${group.name} by ${namedBy}`]: toTally(erased[copy]) },
          logicallyGoneAtMs: nowMs,
          physicallyGoneAtMs: nowMs,
        },
      );
  }
}

/** False where no store of the group was ever made. */
export async function isCreated(ports: Pick<Ports, "ledger">, group: FeatureGroup): Promise<boolean> {
  return (await findPlace(ports.ledger, group.name)) !== undefined;
}

async function noteHot(ports: Ports, hold: SuppressedHold, group: FeatureGroup): Promise<void> {
  const pseudonyms = hold.subjects.map(({ pseudonym }) => pseudonym);
  const values = await ports.hotStore.read(group, pseudonyms);
  const times = values.map((value) => value?.eventTimeMs);
  await noteTimes(ports, hold, "hot", group, times);
}

async function noteOnline(ports: Ports, hold: SuppressedHold, group: FeatureGroup): Promise<void> {
  if (!(await isCreated(ports, group))) return;
  const identifiers = hold.subjects.map(({ identifier }) => identifier);
  const records = await ignoringMissing(ports.onlineStore.read(group, identifiers));
  const times = identifiers.map((_, index) => records?.[index]?.eventTimeMs);
  await noteTimes(ports, hold, "online", group, times);
}

/** Of each subject in order, the date of its record; undefined: none. */
async function noteTimes(
  ports: Ports,
  { subjects, requestId, untilMs }: SuppressedHold,
  copy: CopyKind,
  group: FeatureGroup,
  times: readonly (EpochMs | undefined)[],
): Promise<void> {
  const dated = subjects.map(({ pseudonym }, index) => ({ pseudonym, timeMs: times[index] }));
  const going = dated.filter(({ timeMs }) => timeMs !== undefined && timeMs <= untilMs);
  const newer = dated.filter(({ timeMs }) => timeMs !== undefined && timeMs > untilMs);
  await noteFindings(
    ports.objects,
    requestId,
    { copy, name: group.name },
    {
      units: {
        [group.name]: {
          lookedAt: subjects.length,
          going: going.length,
          newerKept: newer.length,
        },
      },
      erasedSubjects: going.map(({ pseudonym }) => pseudonym),
      newerSubjects: newer.map(({ pseudonym }) => pseudonym),
    },
  );
}

/** A tombstone is left until the hard deletion: it holds off what was under way. */
async function noteUnreadable(
  ports: Ports,
  { requestId }: SuppressedHold,
  group: FeatureGroup,
): Promise<void> {
  const place = { copy: "online", name: group.name } as const;
  await noteFindings(ports.objects, requestId, place, { units: {}, logicallyGoneAtMs: ports.clock.now() });
}

async function noteGone(
  ports: Ports,
  { requestId }: SuppressedHold,
  copy: CopyKind,
  group: FeatureGroup,
  lookedAt: number,
): Promise<void> {
  const nowMs = ports.clock.now();
  await noteFindings(
    ports.objects,
    requestId,
    { copy, name: group.name },
    {
      units: { [group.name]: { lookedAt, going: 0, newerKept: 0 } },
      logicallyGoneAtMs: nowMs,
      physicallyGoneAtMs: nowMs,
    },
  );
}

const toTally = ({ lookedAt, erased, newerKept }: NamedErasure) => ({ lookedAt, going: erased, newerKept });
