// Decides how one record, or all of a group, is read from one of the three stores, in one shape.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import { InvalidInputError } from "../errors/steward-error.ts";
import { getPlace } from "../ledger/group-place.ts";
import { listOfflineFiles } from "../ledger/offline-manifest.ts";
import type { Ports } from "../ports/ports.ts";
import { type EpochMs, MAX_EPOCH_MS } from "../time/epoch-ms.ts";

export const STORES = ["hot", "online", "offline"] as const;
export type StoreName = (typeof STORES)[number];

export type ReadPorts = Pick<
  Ports,
  "ledger" | "objects" | "offlineFiles" | "onlineStore" | "hotStore" | "pseudonymiser"
>;

const PAGE_RECORDS = 1_000;

/** The record, undefined where the store has none. `asOfMs` (offline alone): as it was then. */
export async function readRecord(
  ports: ReadPorts,
  group: FeatureGroup,
  recordId: string,
  store: StoreName,
  asOfMs?: EpochMs,
): Promise<FeatureRecord | undefined> {
  if (asOfMs !== undefined && store !== "offline") {
    throw new InvalidInputError(
      `an as-of goes with the offline store: the ${store} store keeps the newest record alone`,
    );
  }
  const { offlinePrefix } = await getPlace(ports.ledger, group.name);
  if (store === "online") return (await ports.onlineStore.read(group, [recordId]))[0];
  if (store === "hot") return (await readHot(ports, group, [recordId]))[0];
  const keys = await listOfflineFiles(ports.objects, offlinePrefix);
  for await (const page of ports.offlineFiles.readLatest(group, {
    keys,
    asOfMs: asOfMs ?? MAX_EPOCH_MS,
    recordIds: [recordId],
  })) {
    if (page[0] !== undefined) return page[0];
  }
  return undefined;
}

/**
 * All records of a store, ascending by record identifier, in pages. The hot store holds pseudonyms alone: its records
 * are found by the identifiers that the offline and the online store know.
 */
export async function* readAll(
  ports: ReadPorts,
  group: FeatureGroup,
  store: StoreName,
  asOfMs?: EpochMs,
): AsyncIterable<readonly FeatureRecord[]> {
  if (asOfMs !== undefined && store !== "offline") {
    throw new InvalidInputError(
      `an as-of goes with the offline store: the ${store} store keeps the newest record alone`,
    );
  }
  const { offlinePrefix } = await getPlace(ports.ledger, group.name);
  if (store === "offline") {
    yield* ports.offlineFiles.readLatest(group, {
      keys: await listOfflineFiles(ports.objects, offlinePrefix),
      asOfMs: asOfMs ?? MAX_EPOCH_MS,
    });
    return;
  }
  const recordIds = await listRecordIds(ports, group, offlinePrefix, store);
  for (let start = 0; start < recordIds.length; start += PAGE_RECORDS) {
    const page = recordIds.slice(start, start + PAGE_RECORDS);
    const records =
      store === "online" ? await ports.onlineStore.read(group, page) : await readHot(ports, group, page);
    yield records.filter((record) => record !== undefined);
  }
}

/** Values of the hot store that belong to no identifier known offline or online: nobody could erase them by name. */
export async function countUnknownHotValues(ports: ReadPorts, group: FeatureGroup): Promise<number> {
  const { offlinePrefix } = await getPlace(ports.ledger, group.name);
  const recordIds = await listRecordIds(ports, group, offlinePrefix, "hot");
  const known = new Set(
    recordIds.map((recordId) => ports.pseudonymiser.pseudonym(group.entity.name, recordId)),
  );
  let unknown = 0;
  for await (const page of ports.hotStore.scan(group))
    unknown += page.filter((pseudonym) => !known.has(pseudonym)).length;
  return unknown;
}

async function listRecordIds(
  ports: ReadPorts,
  group: FeatureGroup,
  offlinePrefix: string,
  store: "hot" | "online",
): Promise<readonly string[]> {
  const recordIds = new Set<string>();
  for await (const page of ports.onlineStore.list(group))
    for (const recordId of page) recordIds.add(recordId);
  if (store === "hot") {
    const keys = await listOfflineFiles(ports.objects, offlinePrefix);
    for await (const page of ports.offlineFiles.readLatest(group, { keys, asOfMs: MAX_EPOCH_MS })) {
      for (const { recordId } of page) recordIds.add(recordId);
    }
  }
  return [...recordIds].sort(byBytes);
}

async function readHot(
  ports: ReadPorts,
  group: FeatureGroup,
  recordIds: readonly string[],
): Promise<readonly (FeatureRecord | undefined)[]> {
  const pseudonyms = recordIds.map((recordId) => ports.pseudonymiser.pseudonym(group.entity.name, recordId));
  const values = await ports.hotStore.read(group, pseudonyms);
  return values.map((value, index) =>
    value === undefined ? undefined : { recordId: recordIds[index] as string, ...value },
  );
}

/** The order of UTF-8 bytes, as the offline files are sorted; JavaScript's own order is of UTF-16 units. */
function byBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; ) {
    const a = left.codePointAt(index) ?? 0;
    const b = right.codePointAt(index) ?? 0;
    if (a !== b) return a - b;
    index += a > 0xffff ? 2 : 1;
  }
  return left.length - right.length;
}
