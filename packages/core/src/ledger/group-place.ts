// Decides what the ledger knows of a group's stores: where its offline files lie, and for which schema it was created.

import { z } from "zod";
import { schemaFingerprint } from "../definitions/avro-schema.ts";
import type { FeatureGroup } from "../definitions/feature-group.ts";
import { InvalidInputError, NotFoundError } from "../errors/steward-error.ts";
import type { Ledger, LedgerKey } from "../ports/ledger.ts";
import type { OnlineStore } from "../ports/online-store.ts";
import { offlinePrefix } from "./offline-manifest.ts";
import { updateItem } from "./update-item.ts";

const placeBody = z.object({
  offlineUri: z.string(),
  schema: z.string(),
  owner: z.string(),
  entity: z.string(),
});

export interface GroupPlace {
  /** Key prefix of the group's offline files, ending in a slash. */
  readonly offlinePrefix: string;
}

const placeKey = (group: string): LedgerKey => ({ partition: "groups", sort: group });

/** Creates the group in Feature Store where it is not yet, registers it as a store that erasures reach, and says where it lies. */
export async function ensurePlace(
  ledger: Ledger,
  onlineStore: OnlineStore,
  group: FeatureGroup,
): Promise<GroupPlace> {
  const schema = schemaFingerprint(group).toString(16);
  const known = await ledger.find(placeKey(group.name));
  if (known !== undefined && (known.body.owner !== group.owner || known.body.entity !== group.entity.name)) {
    throw new InvalidInputError(
      `group "${group.name}": owner and entity are fixed at creation; give the group a new name`,
    );
  }
  if (known !== undefined && known.body.schema === schema)
    return toPlace(placeBody.parse(known.body).offlineUri);
  const { offlineUri } = await onlineStore.ensureGroup(group);
  if (offlineUri === undefined)
    throw new InvalidInputError(`group "${group.name}" has no offline store, and a refresh needs one`);
  const body = { offlineUri, schema, owner: group.owner, entity: group.entity.name };
  await updateItem(ledger, placeKey(group.name), () => body);
  return toPlace(offlineUri);
}

/** @throws NotFoundError when the group was never refreshed. */
export async function getPlace(ledger: Ledger, group: string): Promise<GroupPlace> {
  const known = await ledger.find(placeKey(group));
  if (known === undefined)
    throw new NotFoundError(
      `group "${group}" has never been refreshed: \`steward refresh ${group} --input FILE\` (or, fed by a stream: \`steward put ${group} --file FILE\`)`,
    );
  return toPlace(placeBody.parse(known.body).offlineUri);
}

/** Undefined when the group was never refreshed. */
export async function findPlace(ledger: Ledger, group: string): Promise<GroupPlace | undefined> {
  const known = await ledger.find(placeKey(group));
  return known === undefined ? undefined : toPlace(placeBody.parse(known.body).offlineUri);
}

/** Every group that ever had a store, defined here still or not. */
export async function listPlaces(
  ledger: Ledger,
): Promise<readonly (GroupPlace & { readonly group: string; readonly entity: string })[]> {
  return (await ledger.list("groups")).map(({ sort, body }) => {
    const { offlineUri, entity } = placeBody.parse(body);
    return { group: sort, entity, ...toPlace(offlineUri) };
  });
}

const toPlace = (offlineUri: string): GroupPlace => ({ offlinePrefix: offlinePrefix(offlineUri) });
